// What Windows' TCP says about a connection: SIO_TCP_INFO, of Windows 10 version 1703 and later. Asked each
// time and taken as unknown when refused: older Windows and Wine don't have it.
#pragma once

#include "port/completion_port.hpp"
#include "port/iocp/socket.hpp"

namespace lastbyte::port::iocp {

enum class end_of_stream : std::uint8_t { proven, unproven, refuted };

// Whether a receive of 0 was the peer's FIN.
[[nodiscard]] end_of_stream judge_end(const socket& of) noexcept;

// Thread: the socket's owner.
[[nodiscard]] kernel_witness ask_witness(const socket& of) noexcept;

[[nodiscard]] std::optional<std::uint64_t> ask_unread(SOCKET of) noexcept;

}  // namespace lastbyte::port::iocp
