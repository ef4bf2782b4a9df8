// SPDX-License-Identifier: MIT
// The formats of JSON Schema: what a text must look like to be a date, an address or a name.
#pragma once

#include <string_view>

namespace weir::routing {

/// Whether has_format can tell texts of this format from others.
bool is_known_format(std::string_view format);

/// Whether `text` is of the format; true for a format that is not known.
///
/// - "date", "date-time": RFC 3339 section 5.6; days that the calendar has, of any year, and leap seconds.
/// - "duration": weeks to seconds, as base/time_text.hpp reads them. Years and months have no fixed length: refused.
/// - "uuid": RFC 9562 section 4, in either case.
/// - "email": what HTML's <input type=email> takes for valid, which is neither all of RFC 5322 (no comments, no quoted
///   names, no address literals) nor within it (dots anywhere): see "valid email address" of the HTML standard.
/// - "hostname": RFC 1123 section 2.1, at most 253 characters, without a dot at the end. IPv4 addresses look like one.
/// - "ipv4", "ipv6": as inet_pton(3) reads them: four decimal numbers without leading zeros; no zone, no brackets.
/// - "uri": RFC 3986 with a scheme. A host with a port must have a name, and an IP literal must be IPv6.
///
/// Thread: any. Does not allocate.
/// Source: JSON Schema Validation (2020-12) section 7, which lets unknown formats pass.
bool has_format(std::string_view format, std::string_view text);

}  // namespace weir::routing
