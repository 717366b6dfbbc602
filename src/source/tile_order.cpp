#include "source/tile_order.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <strings.h>

#include "core/error.hpp"

namespace haloedge {

namespace {

/// A number in a name: how many digits it has, and these, without zeros before them. So numbers of any length compare
/// by their values.
using Number = std::pair<std::size_t, std::string>;

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

/// A name cut at its numbers.
struct CutName {
  std::vector<std::string> texts{""};  ///< before, between and behind the numbers
  std::vector<Number> numbers;
};

CutName cut_name(std::string_view name) {
  CutName cut;
  while (!name.empty()) {
    const auto end = std::ranges::find_if_not(name, is_digit);
    std::string_view digits = name.substr(0, static_cast<std::size_t>(end - name.begin()));
    if (digits.empty()) {
      cut.texts.back() += name.front();
      name.remove_prefix(1);
      continue;
    }
    name.remove_prefix(digits.size());
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    cut.numbers.emplace_back(digits.size(), digits);
    cut.texts.emplace_back();
  }
  return cut;
}

/// Returns the word at the end of the text before a number, in small letters: "row" for "a/tile_Row-".
std::string last_word(std::string text) {
  while (!text.empty() && std::string_view("_-. ").find(text.back()) != std::string_view::npos) text.pop_back();
  const auto begin = std::find_if_not(text.rbegin(), text.rend(), is_letter).base();
  std::string word(begin, text.end());
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
  return word;
}

/// Returns the direction in which the names count first the one number and then the other, if the texts before the two
/// say it.
std::optional<TileOrder> order_in_words(const std::string& before_first, const std::string& before_second) {
  constexpr std::array<std::string_view, 3> row_words{"row", "r", "y"};
  constexpr std::array<std::string_view, 4> column_words{"col", "column", "c", "x"};
  const auto has = [](const auto& words, const std::string& word) {
    return std::ranges::find(words, word) != words.end();
  };
  const std::string first = last_word(before_first);
  const std::string second = last_word(before_second);
  if (has(row_words, first) && has(column_words, second)) return TileOrder::rows;
  if (has(column_words, first) && has(row_words, second)) return TileOrder::columns;
  // The names that `split` gives.
  if (first == "part" && before_second == "_") return TileOrder::rows;
  return std::nullopt;
}

/// Two numbers that each name of a set of tiles has, and that together number a grid without gaps.
struct NumberedGrid {
  std::vector<std::pair<Number, Number>> places;  ///< of each file
  int firsts = 0;                                 ///< different values of the first number
  int seconds = 0;
  std::optional<TileOrder> in_words;
};

/// The values that the number `which` has in the names.
std::set<Number> values_of(const std::vector<CutName>& names, std::size_t which) {
  std::set<Number> values;
  for (const CutName& name : names) values.insert(name.numbers[which]);
  return values;
}

/// Returns the grid that the last two numbers in which the names differ number. Returns nothing for names that do not
/// differ in two numbers, or that are numbered one by one. Throws UsageError for other names, whose numbers may be
/// places in a grid, but not in a whole one.
std::optional<NumberedGrid> find_grid(const std::string& pattern, const std::vector<std::string>& files) {
  std::vector<CutName> names;
  std::ranges::transform(files, std::back_inserter(names), cut_name);
  const bool alike = std::ranges::all_of(names, [&](const CutName& name) { return name.texts == names[0].texts; });
  if (names.empty() || !alike) return std::nullopt;
  std::vector<std::size_t> differing;
  bool one_by_one = false;
  for (std::size_t i = 0; i < names[0].numbers.size(); ++i) {
    const std::size_t values = values_of(names, i).size();
    if (values > 1) differing.push_back(i);
    one_by_one = one_by_one || values == files.size();
  }
  if (differing.size() < 2) return std::nullopt;
  const std::size_t first = differing[differing.size() - 2];
  const std::size_t second = differing.back();
  NumberedGrid grid{.in_words = order_in_words(names[0].texts[first], names[0].texts[second])};
  for (const CutName& name : names) grid.places.emplace_back(name.numbers[first], name.numbers[second]);
  const std::set<std::pair<Number, Number>> different(grid.places.begin(), grid.places.end());
  const std::size_t firsts = values_of(names, first).size();
  const std::size_t seconds = values_of(names, second).size();
  if (different.size() == files.size() && firsts * seconds == files.size()) {
    grid.firsts = static_cast<int>(firsts);
    grid.seconds = static_cast<int>(seconds);
    return grid;
  }
  if (one_by_one) return std::nullopt;
  throw UsageError(
      fmt::format("{}: the numbers in the names of the tile files do not form a grid: list the files in their order, "
                  "row by row, in a text file, and give that as @FILE",
                  pattern));
}

/// The directions in which the grid of the names has the shape of the user's grid.
std::vector<TileOrder> fitting_orders(const NumberedGrid& names, Grid grid) {
  std::vector<TileOrder> orders;
  if (names.firsts == grid.rows && names.seconds == grid.columns) orders.push_back(TileOrder::rows);
  if (names.firsts == grid.columns && names.seconds == grid.rows) orders.push_back(TileOrder::columns);
  return orders;
}

/// The user's grid does not fit the names. `order` is their direction, if that is known.
UsageError wrong_grid(const std::string& pattern, const NumberedGrid& names, Grid grid,
                      std::optional<TileOrder> order) {
  const std::string by_rows = fmt::format("--grid {}x{}", names.firsts, names.seconds);
  const std::string by_columns = fmt::format("--grid {}x{}", names.seconds, names.firsts);
  const std::string advice =
      order
          ? fmt::format("use {}", *order == TileOrder::rows ? by_rows : by_columns)
          : fmt::format("use {} --order rows if the first one counts rows, or {} --order columns if it counts columns",
                        by_rows, by_columns);
  return UsageError(fmt::format(
      "{}: --grid {}x{} does not fit the names of the tile files, in which the first number has {} values "
      "and the second {}: {}; for any other order, list the files row by row in a text file, and give that as @FILE",
      pattern, grid.rows, grid.columns, names.firsts, names.seconds, advice));
}

}  // namespace

std::string order_name(TileOrder order) { return order == TileOrder::rows ? "rows" : "columns"; }

TileFiles order_by_name(const std::string& pattern, std::vector<std::string> files, Grid grid,
                        std::optional<TileOrder> asked) {
  // In natural order, runs of digits count as numbers.
  std::ranges::sort(files, [](const auto& a, const auto& b) { return ::strverscmp(a.c_str(), b.c_str()) < 0; });
  const std::optional<NumberedGrid> names = find_grid(pattern, files);
  if (!names) return order_as_listed(std::move(files), grid, asked);

  TileFiles tiles{.possible = fitting_orders(*names, grid), .known = asked ? asked : names->in_words};
  const bool fits = tiles.known ? std::ranges::count(tiles.possible, *tiles.known) > 0 : !tiles.possible.empty();
  if (!fits) throw wrong_grid(pattern, *names, grid, tiles.known);
  tiles.needs_proof = !tiles.known && tiles.possible.size() > 1;
  std::vector<std::pair<std::pair<Number, Number>, std::string>> placed;
  for (std::size_t i = 0; i < files.size(); ++i) placed.emplace_back(names->places[i], files[i]);
  std::ranges::sort(placed);
  for (auto& [place, file] : placed) tiles.files.push_back(std::move(file));
  return tiles;
}

TileFiles order_as_listed(std::vector<std::string> files, Grid grid, std::optional<TileOrder> asked) {
  // In a single row or column, both directions are the same.
  if (grid.rows == 1 || grid.columns == 1) return {std::move(files), {TileOrder::rows}};
  return {std::move(files), {TileOrder::rows, TileOrder::columns}, asked};
}

std::vector<std::string> row_by_row(const std::vector<std::string>& files, Grid grid, TileOrder order) {
  if (order == TileOrder::rows) return files;
  std::vector<std::string> by_rows;
  for (std::size_t row = 0; row < static_cast<std::size_t>(grid.rows); ++row) {
    for (std::size_t i = row; i < files.size(); i += static_cast<std::size_t>(grid.rows)) by_rows.push_back(files[i]);
  }
  return by_rows;
}

}  // namespace haloedge
