// What the IOCP port keeps of a connection.
//
// Written by two sides: by its owner, who submits and cancels, and by whichever worker dequeues one of its
// operations. What both may touch at once is atomic.
#pragma once

#include <atomic>
#include <cstdint>

#include "port/iocp/native.hpp"
#include "port/iocp/operation.hpp"
#include "port/iocp/receive_state.hpp"

namespace lastbyte::port::iocp {

struct socket;

struct receive_operation : overlapped {
  explicit receive_operation(socket& whose) noexcept : overlapped(kind::receive), of(whose) {}

  socket& of;
  receive_state state;
};

// A connect counts as the send.
struct send_operation : overlapped {
  explicit send_operation(socket& whose) noexcept : overlapped(kind::send), of(whose) {}

  socket& of;
  std::uint32_t asked = 0;  // bytes
  bool is_put_off = false;  // it failed, and has let the receive go first
  std::atomic<bool> is_in_flight = false;
  std::atomic<bool> is_cancel_asked = false;
};

struct socket {
  socket() noexcept : receive(*this), send(*this) {}
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;
  ~socket() = default;

  // Makes it the socket of a new connection.
  void renew(SOCKET made, void* whose) noexcept {
    handle = made;
    owner = whose;
    was_block_full = false;
    first_error = 0;
    sent = 0;
    is_send_shut = false;
  }
  // The first error stays.
  void note_error(int code) noexcept {
    int none = 0;
    first_error.compare_exchange_strong(none, code);
  }

  receive_operation receive;
  send_operation send;
  SOCKET handle = no_socket;
  void* owner = nullptr;
  bool was_block_full = false;  // by the last receive: more is likely to wait
  std::atomic<int> first_error = 0;
  std::atomic<std::uint64_t> sent = 0;  // bytes, taken by the kernel
  std::atomic<bool> is_send_shut = false;
};

}  // namespace lastbyte::port::iocp
