#include <benchmark/benchmark.h>

#include "micro/benches.hpp"

int main(int count, char** words) {
  lastbyte::micro::add_core();
  lastbyte::micro::add_metrics();
  lastbyte::micro::add_server();
  benchmark::Initialize(&count, words);
  if (benchmark::ReportUnrecognizedArguments(count, words)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
