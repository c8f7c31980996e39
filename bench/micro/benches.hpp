// The groups of micro-benchmarks. Each file says what it asks.
#pragma once

namespace lastbyte::micro {

void add_core();
void add_metrics();
void add_server();

}  // namespace lastbyte::micro
