// SPDX-License-Identifier: MIT
// What the quickstart service lends: books, described once for JSON, checks and documentation.
#pragma once

#include <weir/weir.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quickstart {

enum class Genre { kNovel, kPoetry, kScience };
constexpr auto describe(const Genre*) {
  return weir::enumerators(weir::enumerator<Genre::kNovel>("novel"), weir::enumerator<Genre::kPoetry>("poetry"),
                           weir::enumerator<Genre::kScience>("science"));
}

/// What a client sends.
struct NewBook {
  std::string title;
  Genre genre = Genre::kNovel;
  int pages = 1;
  std::vector<std::string> authors;
  std::optional<std::string> isbn;

  static constexpr auto describe() {
    return weir::fields(weir::field<&NewBook::title>(weir::length(1, 200), weir::example("\"Moby-Dick\"")),
                        weir::field<&NewBook::genre>(weir::defaulted),
                        weir::field<&NewBook::pages>(weir::range(1, 5000)),
                        weir::field<&NewBook::authors>(weir::items(1, 10), weir::unique),
                        weir::field<&NewBook::isbn>(weir::pattern("^[0-9]{13}$")));
  }
};

/// What it gets back.
struct Book {
  int id = 0;
  NewBook about;
};
WEIR_DESCRIBE(Book, id, about);

struct Login {
  std::string user;
  static constexpr auto describe() { return weir::fields(weir::field<&Login::user>(weir::pattern("^[a-z]{1,20}$"))); }
};

/// The books, in memory.
///
/// Thread: any.
class Library {
 public:
  Book add(NewBook book) const {
    return books_.with([&](Shelf& shelf) {
      const int id = shelf.empty() ? 1 : shelf.rbegin()->first + 1;
      return shelf[id] = Book{id, std::move(book)};
    });
  }
  std::optional<Book> find(int id) const {
    return books_.with([&](Shelf& shelf) -> std::optional<Book> {
      const auto at = shelf.find(id);
      if (at == shelf.end()) return std::nullopt;
      return at->second;
    });
  }
  std::vector<Book> list(std::optional<Genre> genre, int limit) const {
    return books_.with([&](Shelf& shelf) {
      std::vector<Book> found;
      for (const auto& [id, book] : shelf) {
        if (static_cast<int>(found.size()) == limit) break;
        if (!genre || book.about.genre == *genre) found.push_back(book);
      }
      return found;
    });
  }
  bool remove(int id) const {
    return books_.with([&](Shelf& shelf) { return shelf.erase(id) != 0; });
  }

 private:
  using Shelf = std::map<int, Book>;
  mutable weir::Guarded<Shelf> books_;  // handlers on all loops share it
};

}  // namespace quickstart
