// Plain text in columns, for reports.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lastbyte::text {

enum class align : std::uint8_t { left, right };

// Collects rows, then prints them with every column as wide as its widest cell.
// Shape: a row may have fewer cells than there are columns, not more. Lines end without blanks.
class table {
 public:
  // Units: `indent` and the gap between columns in characters.
  explicit table(std::vector<align> columns, std::size_t indent = 2, std::size_t gap = 2)
      : columns_(std::move(columns)), indent_(indent), gap_(gap) {}

  void add(std::vector<std::string> cells);
  [[nodiscard]] std::string text() const;

 private:
  std::vector<align> columns_;
  std::size_t indent_;
  std::size_t gap_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lastbyte::text
