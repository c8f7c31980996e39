// An echo server on libuv, as its guide writes one: uv_read_start, uv_write, uv_shutdown, uv_close; and uv_try_write
// before uv_write, which needs neither a request nor a turn of the loop for the callback.
//
// All connections receive into one buffer, which the guide allows since a read's bytes are echoed before the next
// read; only what the kernel did not take at once is copied, into the request that sends it.
//
// Question: what does a message, and a connection, cost on libuv?
// Not answered: what libuv's own deadlines, threads and TLS would cost; none is used.

#include <uv.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "serving/startup.hpp"

namespace {

constexpr std::size_t buffer_bytes = 64U << 10U;  // what libuv suggests
constexpr int backlog = lastbyte::serving::backlog;

// A write that could not be made at once, with its bytes behind it.
struct pending_write {
  uv_write_t request;

  [[nodiscard]] char* bytes() { return reinterpret_cast<char*>(this + 1); }
};

struct connection {
  uv_tcp_t handle{};
  uv_shutdown_t ending{};
  std::uint64_t echoed = 0;
  bool has_finished = false;
  bool is_at_end = false;
};

struct server {
  std::uint64_t finish_after = 0;
  std::array<char, buffer_bytes> received{};
};

server& state() {
  static server only;
  return only;
}

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
  *into = uv_buf_init(state().received.data(), buffer_bytes);
}

void on_written(uv_write_t* done, int failed) {
  auto& which = *static_cast<connection*>(done->handle->data);
  std::free(done);  // the request is where its memory begins
  if (failed != 0) end(which);
}

// @return whether it will be sent.
bool write_later(uv_stream_t* to, const char* bytes, std::size_t count) {
  auto* later = static_cast<pending_write*>(std::malloc(sizeof(pending_write) + count));
  if (later == nullptr) return false;
  std::memcpy(later->bytes(), bytes, count);
  const uv_buf_t slice = uv_buf_init(later->bytes(), static_cast<unsigned>(count));
  if (uv_write(&later->request, to, &slice, 1, on_written) == 0) return true;
  std::free(later);
  return false;
}

void echo(connection& which, char* bytes, std::size_t count) {
  auto* stream = reinterpret_cast<uv_stream_t*>(&which.handle);
  const uv_buf_t slice = uv_buf_init(bytes, static_cast<unsigned>(count));
  const int written = uv_try_write(stream, &slice, 1);
  if (written < 0 && written != UV_EAGAIN) return end(which);
  const std::size_t taken = written < 0 ? 0 : static_cast<std::size_t>(written);
  if (taken != count && !write_later(stream, bytes + taken, count - taken)) return end(which);
  which.echoed += count;
  if (state().finish_after != 0 && which.echoed >= state().finish_after) finish(which);
}

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* into) {
  auto& which = *static_cast<connection*>(stream->data);
  if (count >= 0) {
    if (count > 0 && !which.has_finished) echo(which, into->base, static_cast<std::size_t>(count));
    return;
  }
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
