#include "journal.hpp"

#include <utility>

#include "pattern.hpp"
#include "platform.hpp"

namespace lastbyte::test {

using port::completion;
using port::error;
using port::operation;
using port::outcome;

// ---- The verdict.

void verdict::broke(std::string rule) {
  const std::scoped_lock lock(mutex_);
  constexpr std::size_t enough = 20;
  if (broken_.size() < enough) broken_.push_back(std::move(rule));
}

std::vector<std::string> verdict::all() const {
  const std::scoped_lock lock(mutex_);
  return broken_;
}

bool verdict::is_clean() const {
  const std::scoped_lock lock(mutex_);
  return broken_.empty();
}

// ---- What is submitted.

void journal::begin(std::uint64_t expected_from) {
  *this = {};
  expected_from_ = expected_from;
}

void journal::connect_submitted() {
  is_connecting = true;
  may_send_be_cancelled_ = false;
}

void journal::receive_submitted() {
  is_receiving = true;
  is_receive_behind_error_ = first_error_.failed();
  may_receive_be_cancelled_ = false;
}

void journal::send_submitted(std::size_t bytes) {
  is_sending = true;
  is_send_behind_error_ = first_error_.failed();
  asked_ = bytes;
  may_send_be_cancelled_ = false;
}

// ---- What is completed.

void journal::saw(const completion& done, std::uint32_t at_worker, bool is_in_order,
                  verdict& rules) {
  is_in_order_ = is_in_order;
  constexpr std::size_t enough_to_read = 12;
  if (recent_.size() == enough_to_read) recent_.erase(recent_.begin());
  recent_.push_back(test::to_string(done) + " at worker " + std::to_string(at_worker));
  seen_at |= std::uint64_t{1} << at_worker;
  switch (done.what) {
    case operation::receive: return saw_receive(done, rules);
    case operation::send: return saw_send(done, rules);
    case operation::connect: return saw_connect(done, rules);
    case operation::accept:
    case operation::none: break;
  }
  rules.broke("a socket got a completion that no socket can get: " + to_string());
}

void journal::saw_receive(const completion& done, verdict& rules) {
  if (!is_receiving) {
    rules.broke("a receive completed that was not in flight: " + to_string());
    return;
  }
  ++receive_completions;
  receive_result = done.result;
  if (done.received != nullptr) saw_bytes(*done.received, rules);
  if (done.is_end_of_stream) saw_end(done, rules);

  const bool has_to_be_last = done.is_end_of_stream || done.result.failed();
  if (has_to_be_last && done.more) rules.broke("more = true beside an end: " + to_string());
  if (!has_to_be_last && done.more && done.received == nullptr) {
    rules.broke("a receive completion that says nothing: " + to_string());
  }
  if (done.result.what == error::cancelled && !may_receive_be_cancelled_) {
    rules.broke("a receive was cancelled though nobody asked: " + to_string());
  }
  note_failure(done.result);
  is_receiving = done.more && !has_to_be_last;
}

void journal::saw_bytes(const block& bytes, verdict& rules) {
  ++receives_with_bytes;
  if (has_ended) rules.broke("bytes behind the end of stream: " + to_string());
  if (bytes.size == 0) rules.broke("an empty buffer: " + to_string());
  if (bytes.size > port::receive_block_bytes || bytes.size > bytes.capacity ||
      bytes.begin < bytes.storage || bytes.begin + bytes.size > bytes.storage + bytes.capacity) {
    rules.broke("a buffer beyond its block: " + to_string());
    return;
  }
  const auto wrong = count_wrong({bytes.begin, bytes.size}, expected_from_ + received);
  if (wrong > 0) {
    rules.broke(std::to_string(wrong) + " wrong bytes of " + std::to_string(bytes.size) +
                " behind " + std::to_string(received) + ": " + to_string());
  }
  received += bytes.size;
}

void journal::saw_end(const completion& done, verdict& rules) {
  if (has_ended) rules.broke("a second end of stream: " + to_string());
  if (done.result.failed()) rules.broke("an end of stream with an error: " + to_string());
  if (is_behind_error(is_receive_behind_error_))
    rules.broke("an end of stream behind an error: " + to_string());
  if (facts().proves_end_of_stream && !done.is_proven) {
    rules.broke("an unproven end of stream where it can be proven: " + to_string());
  }
  has_ended = true;
  is_end_proven = done.is_proven;
  acknowledged_at_end = done.acknowledged;
}

void journal::saw_send(const completion& done, verdict& rules) {
  if (!is_sending) {
    rules.broke("a send completed that was not in flight: " + to_string());
    return;
  }
  ++send_completions;
  is_sending = false;
  send_result = done.result;
  if (done.bytes > asked_) rules.broke("more sent than asked for: " + to_string());
  if (done.more) rules.broke("a send with more = true: " + to_string());
  // One that was submitted before may have been taken before, and be told late.
  if (done.bytes > 0 && is_send_behind_error_) {
    rules.broke("bytes sent behind an error: " + to_string());
  }
  if (done.result.what == error::cancelled && !may_send_be_cancelled_) {
    rules.broke("a send was cancelled though nobody asked: " + to_string());
  }
  if (done.result.failed()) received_when_send_failed = received;
  note_failure(done.result);
  sent += done.bytes;
}

void journal::saw_connect(const completion& done, verdict& rules) {
  if (!is_connecting) {
    rules.broke("a connect completed that was not in flight: " + to_string());
    return;
  }
  ++connect_completions;
  is_connecting = false;
  connect_result = done.result;
  if (done.more) rules.broke("a connect with more = true: " + to_string());
}

void journal::note_failure(const outcome& result) {
  if (result.failed() && result.what != error::cancelled && !first_error_.failed()) {
    first_error_ = result;
  }
}

// Two workers may see an error and what came before it in any order.
bool journal::is_behind_error(bool was_submitted_behind_it) const {
  return is_in_order_ ? first_error_.failed() : was_submitted_behind_it;
}

// ---- For people.

std::string journal::to_string() const {
  std::string text = "received " + std::to_string(received) + ", sent " + std::to_string(sent);
  if (is_receiving) text += ", receive in flight";
  if (is_sending) text += ", send of " + std::to_string(asked_) + " in flight";
  if (is_connecting) text += ", connect in flight";
  if (has_ended) text += ", ended";
  for (const std::string& each : recent_) text += "\n      " + each;
  return text;
}

std::string to_string(const completion& done) {
  constexpr const char* names[] = {"none", "accept", "connect", "receive", "send"};
  std::string text = names[static_cast<std::size_t>(done.what)];
  if (done.result.failed()) {
    text += ": " + std::string(port::to_string(done.result.what)) + " (" +
            std::to_string(done.result.native) + ")";
  }
  if (done.received != nullptr) text += ", received " + std::to_string(done.received->size);
  if (done.bytes > 0) text += ", bytes " + std::to_string(done.bytes);
  if (done.is_end_of_stream) text += done.is_proven ? ", proven end" : ", unproven end";
  if (done.more) text += ", more";
  return text;
}

}  // namespace lastbyte::test
