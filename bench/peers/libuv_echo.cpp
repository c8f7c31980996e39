// An echo server on libuv, as its guide writes one: uv_read_start, uv_write from the buffer that was read into,
// uv_shutdown, uv_close. Buffers and requests are kept for the next use instead of being freed, as the guide
// advises for servers that are in a hurry.
//
// Question: what does a message, and a connection, cost on libuv?
// Not answered: what libuv's own deadlines, threads and TLS would cost; none is used.

#include <uv.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "serving/startup.hpp"

namespace {

constexpr std::size_t buffer_bytes = 64U << 10U;  // what libuv suggests
constexpr int backlog = lastbyte::serving::backlog;

// A write, and the memory that it is made from: one object, so that it is kept as one.
struct piece {
  uv_write_t request;
  piece* next;
  std::array<char, buffer_bytes> bytes;
};

struct connection {
  uv_tcp_t handle{};
  uv_shutdown_t ending{};
  std::uint64_t echoed = 0;
  bool has_finished = false;
  bool is_at_end = false;
};

struct server {
  piece* spare = nullptr;
  std::uint64_t finish_after = 0;
};

server& state() {
  static server only;
  return only;
}

piece* take_piece() {
  server& at = state();
  if (at.spare == nullptr) return static_cast<piece*>(std::malloc(sizeof(piece)));
  piece* taken = at.spare;
  at.spare = taken->next;
  return taken;
}

void give_back(piece* used) {
  server& at = state();
  used->next = at.spare;
  at.spare = used;
}

piece* piece_of(char* bytes) { return reinterpret_cast<piece*>(bytes - offsetof(piece, bytes)); }

void end(connection& gone) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&gone.handle);
  if (uv_is_closing(handle) != 0) return;
  uv_close(handle, [](uv_handle_t* closed) { delete static_cast<connection*>(closed->data); });
}

// Our end of stream, behind what is queued; then the connection's end, if the peer's has come.
void finish(connection& which) {
  if (which.has_finished) return;
  which.has_finished = true;
  const auto on_finished = [](uv_shutdown_t* done, int failed) {
    auto& finished = *static_cast<connection*>(done->handle->data);
    if (finished.is_at_end || failed != 0) end(finished);
  };
  if (uv_shutdown(&which.ending, reinterpret_cast<uv_stream_t*>(&which.handle), on_finished) != 0) {
    end(which);
  }
}

void on_allocate(uv_handle_t*, std::size_t, uv_buf_t* into) {
  piece* taken = take_piece();
  *into =
      taken == nullptr ? uv_buf_init(nullptr, 0) : uv_buf_init(taken->bytes.data(), buffer_bytes);
}

void on_written(uv_write_t* done, int failed) {
  auto& which = *static_cast<connection*>(done->handle->data);
  give_back(reinterpret_cast<piece*>(done));
  if (failed != 0) end(which);
}

void echo(connection& which, char* bytes, std::size_t count) {
  piece* received = piece_of(bytes);
  uv_buf_t slice = uv_buf_init(bytes, static_cast<unsigned>(count));
  auto* stream = reinterpret_cast<uv_stream_t*>(&which.handle);
  if (uv_write(&received->request, stream, &slice, 1, on_written) != 0) {
    give_back(received);
    return end(which);
  }
  which.echoed += count;
  if (state().finish_after != 0 && which.echoed >= state().finish_after) finish(which);
}

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* into) {
  auto& which = *static_cast<connection*>(stream->data);
  if (count > 0 && !which.has_finished) {
    return echo(which, into->base, static_cast<std::size_t>(count));
  }
  if (into->base != nullptr) give_back(piece_of(into->base));
  if (count >= 0) return;
  if (count != UV_EOF) return end(which);
  which.is_at_end = true;
  uv_read_stop(stream);
  if (!which.has_finished) return finish(which);
  if (uv_stream_get_write_queue_size(stream) == 0) end(which);
}

void on_connection(uv_stream_t* listener, int failed) {
  if (failed != 0) return;
  auto* made = new connection;
  uv_tcp_init(listener->loop, &made->handle);
  made->handle.data = made;
  auto* stream = reinterpret_cast<uv_stream_t*>(&made->handle);
  if (uv_accept(listener, stream) != 0) return end(*made);
  uv_read_start(stream, on_allocate, on_read);
}

}  // namespace

int main(int count, char** words) {
  const auto made = lastbyte::serving::start(count, words);
  if (!made.problem.empty()) return lastbyte::serving::refuse(made);
  state().finish_after = made.finish_after;
  uv_loop_t* loop = uv_default_loop();
  std::vector<uv_tcp_t> listeners(made.listeners.size());
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    uv_tcp_init(loop, &listeners[i]);
    uv_tcp_open(&listeners[i], made.listeners[i]);
    uv_listen(reinterpret_cast<uv_stream_t*>(&listeners[i]), backlog, on_connection);
  }
  return uv_run(loop, UV_RUN_DEFAULT);
}
