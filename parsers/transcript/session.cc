// SPDX-License-Identifier: Apache-2.0
// The saved form: "T3", then each value as "LENGTH:bytes", in the order of Visit.  A time is its
// seconds and nanoseconds; what is absent is empty.
#include "parsers/transcript/session.h"

#include <fmt/format.h>

#include <charconv>
#include <concepts>

namespace hctail::transcript {
namespace {

constexpr std::string_view kVersion = "T3";

// Calls `visitor` for all that is saved.
template <typename S, typename H, typename Visitor>
void Visit(S& session, H& header, Visitor& visitor) {
  visitor(session.phase);
  for (auto* const text : {&header.start_label, &header.start_digits, &header.language,
                           &header.user,        &header.runas_user,   &header.configuration,
                           &header.machine,     &header.machine_os,   &header.host_application,
                           &header.process_id,  &header.version,      &header.edition,
                           &header.git_commit,  &header.os,           &header.platform,
                           &session.id,         &session.trace_id,    &session.span_id,
                           &session.parent_id,  &session.sent.prompt, &session.learned_prompt}) {
    visitor(*text);
  }
  for (auto* const number :
       {&session.header_offset, &session.commands, &session.errors, &session.terminating,
        &session.caught, &session.warnings, &session.verbose, &session.debug, &session.nested,
        &session.invocations, &session.sent.entry}) {
    visitor(*number);
  }
  for (auto* const flag :
       {&session.partial, &session.root_sent, &session.any_sent, &session.sent.active,
        &session.sent.command, &session.sent.typed, &session.sent.span, &session.sent.nested,
        &session.sent.here, &session.next.timed, &session.after_separator}) {
    visitor(*flag);
  }
  for (auto* const time : {&session.start, &session.last, &session.next.time}) visitor(*time);
  visitor(session.next.bare_prompt);
}

class Writer {
 public:
  void operator()(std::string_view text) {
    fmt::format_to(std::back_inserter(out), "{}:", text.size());
    out += text;
  }
  void operator()(uint64_t number) { (*this)(fmt::format("{}", number)); }
  void operator()(bool flag) { (*this)(std::string_view(flag ? "1" : "0")); }
  void operator()(Session::Phase phase) { (*this)(static_cast<uint64_t>(phase)); }
  void operator()(const std::optional<Timestamp>& time) {
    (*this)(time ? fmt::format("{}.{}", time->seconds, time->nanos) : std::string());
  }
  void operator()(const std::string& text) { (*this)(std::string_view(text)); }
  void operator()(const std::optional<std::string>& text) {
    (*this)(text ? "+" + *text : std::string());
  }

  std::string out = std::string(kVersion);
};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  void operator()(std::string& text) { text = Next(); }
  void operator()(uint64_t& number) { number = Number<uint64_t>(Next()); }
  void operator()(bool& flag) { flag = Next() == "1"; }
  void operator()(Session::Phase& phase) {
    const auto number = Number<uint64_t>(Next());
    if (number > static_cast<uint64_t>(Session::Phase::kClosed)) bad_ = true;
    phase = static_cast<Session::Phase>(number);
  }
  void operator()(std::optional<Timestamp>& time) {
    const std::string_view text = Next();
    if (text.empty()) return;
    const size_t dot = text.find('.');
    if (dot == std::string_view::npos) {
      bad_ = true;
      return;
    }
    time = Timestamp{Number<int64_t>(text.substr(0, dot)), Number<int32_t>(text.substr(dot + 1))};
  }
  void operator()(std::optional<std::string>& text) {
    const std::string_view next = Next();
    if (!next.empty()) text = std::string(next.substr(1));
  }

  bool good() const { return !bad_ && rest_.empty(); }

 private:
  template <std::integral T>
  T Number(std::string_view text) {
    T number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || stop != text.data() + text.size()) bad_ = true;
    return number;
  }
  std::string_view Next() {
    const size_t colon = rest_.find(':');
    if (bad_ || colon == std::string_view::npos) {
      bad_ = true;
      return {};
    }
    const auto size = Number<size_t>(rest_.substr(0, colon));
    rest_.remove_prefix(colon + 1);
    if (bad_ || size > rest_.size()) {
      bad_ = true;
      return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }

  std::string_view rest_;
  bool bad_ = false;
};

}  // namespace

int Session::major_version() const {
  if (!header->version.empty()) return header->major_version();
  // Without fields it is -UseMinimalHeader, of 6.2 and later; without a header it may be anything.
  return header->user.empty() ? 7 : header->major_version();
}

std::string Save(const Session& session) {
  if (session.phase == Session::Phase::kNone && !session.after_separator) return {};
  Writer writer;
  Visit(session, *session.header, writer);
  return std::move(writer.out);
}

Session Restore(std::string_view state) {
  if (!state.starts_with(kVersion)) return {};
  Reader reader(state.substr(kVersion.size()));
  Session session;
  const auto header = std::make_shared<Header>();
  Visit(session, *header, reader);
  if (!reader.good()) return {};
  session.header = header;
  return session;
}

}  // namespace hctail::transcript
