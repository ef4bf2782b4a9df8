// SPDX-License-Identifier: MIT
// The document of tools/bench.d/body.json as a described type.
#pragma once

#include <weir/weir.hpp>

#include <string>
#include <vector>

namespace benchmark {

struct Customer {
  std::string city;
  std::string mail;
  std::string name;
  std::string street;
};
WEIR_DESCRIBE(Customer, city, mail, name, street);

struct Item {
  int count = 0;
  std::string name;
  double price = 0;
  std::string sku;
  std::string unit;
  double weight = 0;

  static constexpr auto describe() {
    return weir::fields(weir::field<&Item::count>(weir::range(1, 1000)), weir::field<&Item::name>(weir::length(1, 100)),
                        weir::field<&Item::price>(weir::minimum(0)), weir::field<&Item::sku>(),
                        weir::field<&Item::unit>(), weir::field<&Item::weight>(weir::minimum(0)));
  }
};

struct Order {
  std::string currency;
  Customer customer;
  std::vector<Item> items;
  std::string note;
  std::string order;
};
WEIR_DESCRIBE(Order, currency, customer, items, note, order);

}  // namespace benchmark
