#include "text/table.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace lastbyte::text {
namespace {

// Characters, not bytes: what continues a UTF-8 sequence takes no column.
std::size_t width_of(const std::string& cell) {
  return static_cast<std::size_t>(std::ranges::count_if(
      cell, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

void append_cell(std::string& line, const std::string& cell, std::size_t width, align how) {
  const std::string padding(width - width_of(cell), ' ');
  line += how == align::right ? padding + cell : cell + padding;
}

}  // namespace

void table::add(std::vector<std::string> cells) {
  LASTBYTE_CHECK(cells.size() <= columns_.size());
  rows_.push_back(std::move(cells));
}

std::string table::text() const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string all;
  for (const auto& row : rows_) {
    std::string line(indent_, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i != 0) line.append(gap_, ' ');
      append_cell(line, row[i], widths[i], columns_[i]);
    }
    line.resize(line.find_last_not_of(' ') + 1);
    all += line += '\n';
  }
  return all;
}

}  // namespace lastbyte::text
