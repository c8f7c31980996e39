// The native codes of the simulated platform: only for people to read, so Linux's numbers will do.
#pragma once

namespace lastbyte::port::sim::code {

inline constexpr int no_memory = 12;
inline constexpr int denied = 13;
inline constexpr int too_many_files = 24;
inline constexpr int in_use = 98;
inline constexpr int no_address = 99;
inline constexpr int aborted = 103;
inline constexpr int reset = 104;
inline constexpr int not_connected = 107;
inline constexpr int timed_out = 110;
inline constexpr int refused = 111;
inline constexpr int cancelled = 125;

}  // namespace lastbyte::port::sim::code
