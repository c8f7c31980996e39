#include "port/sim/weather.hpp"

namespace lastbyte::port::sim {

std::string_view to_string(fault which) noexcept {
  switch (which) {
    case fault::late_completion: return "late completion";
    case fault::early_receive: return "early receive";
    case fault::one_shot: return "one-shot";
    case fault::short_receive: return "short receive";
    case fault::short_send: return "short send";
    case fault::empty_send: return "empty send";
    case fault::refused_send: return "refused send";
    case fault::refused_receive: return "refused receive";
    case fault::refused_accept: return "refused accept";
    case fault::refused_adoption: return "refused adoption";
    case fault::late_cancel: return "late cancel";
    case fault::cancel_with_bytes: return "cancel with bytes";
    case fault::lost_operation: return "lost operation";
    case fault::swallowed_reset: return "swallowed reset";
    case fault::split_segment: return "split segment";
    case fault::jitter: return "jitter";
    case fault::idle_dequeue: return "idle dequeue";
    case fault::short_batch: return "short batch";
    case fault::untold_failure: return "untold failure";
    case fault::unheeded_pause: return "unheeded pause";
    case fault::told_with_end: return "told with end";
    case fault::window_taken_back: return "window taken back";
  }
  return "?";
}

weather rough_weather() noexcept {
  constexpr std::uint32_t often = 300'000;
  constexpr std::uint32_t rarely = 30'000;
  weather rough;
  rough[fault::late_completion] = often;
  rough[fault::early_receive] = often;
  rough[fault::one_shot] = often;
  rough[fault::short_receive] = rarely;
  rough[fault::short_send] = rarely;
  rough[fault::empty_send] = rarely;
  rough[fault::late_cancel] = often;
  rough[fault::cancel_with_bytes] = often;
  rough[fault::swallowed_reset] = often;
  rough[fault::split_segment] = often;
  rough[fault::jitter] = rarely;
  rough[fault::idle_dequeue] = rarely;
  rough[fault::short_batch] = often;
  rough[fault::unheeded_pause] = often;
  rough[fault::told_with_end] = often;
  rough.lateness_us = 200;
  rough.jitter_us = 200;
  return rough;
}

}  // namespace lastbyte::port::sim
