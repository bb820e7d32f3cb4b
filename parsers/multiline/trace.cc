// SPDX-License-Identifier: Apache-2.0
#include "parsers/multiline/trace.h"

#include <algorithm>
#include <span>

namespace hctail::multiline {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsWordByte(char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

std::string_view TrimmedFront(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line;
}

bool StartsWithAny(std::string_view line, std::span<const std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](auto text) { return line.starts_with(text); });
}

// The size of the dotted name at the front of `line`: "java.util.Map$Entry", "System.Lazy`1+Box".
size_t SizeOfName(std::string_view line) {
  static constexpr std::string_view kOthers = ".$`+<>";
  const auto end =
      std::ranges::find_if_not(line, [](char c) { return IsWordByte(c) || kOthers.contains(c); });
  return static_cast<size_t>(end - line.begin());
}

// "java.lang.IllegalStateException: message", "Npgsql.PostgresException (0x80004005): 42P01".
bool IsExceptionHeader(std::string_view line) {
  if (line.empty() || !IsLetter(line[0])) return false;
  const std::string_view name = line.substr(0, SizeOfName(line));
  const std::string_view rest = line.substr(name.size());
  if (!rest.empty() && !rest.starts_with(": ") && rest != ":" && !rest.starts_with(" (0x")) {
    return false;
  }
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view last = name.substr(dot + 1);
  static constexpr std::string_view kKinds[] = {"Exception", "Error", "Throwable", "Failure"};
  return std::ranges::any_of(kKinds, [last](std::string_view kind) {
    const size_t at = last.rfind(kind);
    if (at == std::string_view::npos) return false;
    const std::string_view after = last.substr(at + kind.size());
    return after.empty() || after[0] == '$' || after[0] == '`' || after[0] == '+';
  });
}

constexpr std::string_view kTraceback = "Traceback (most recent call last):";

// "ValueError: x", "KeyboardInterrupt", "psycopg2.errors.UniqueViolation: duplicate key".
bool IsPythonError(std::string_view line) {
  if (line.empty() || !(IsLetter(line[0]) || line[0] == '_')) return false;
  const std::string_view rest = line.substr(SizeOfName(line));
  return rest.empty() || rest[0] == ':';
}

// "goroutine 1 [running]:", "goroutine 18 gp=0xc000 m=nil [chan receive]:".
bool IsGoroutine(std::string_view line) {
  return line.starts_with("goroutine ") && line.size() > 10 && IsDigit(line[10]) &&
         line.contains('[');
}

// "main.(*T).Work(0x1, ...)", "panic({0x10, 0x20})".
bool IsGoCall(std::string_view line) {
  if (!line.ends_with(')')) return false;
  const std::string_view before = line.substr(0, line.find('('));
  return !before.contains(' ') && (before.contains('.') || before == "panic");
}

// "rax    0x0", in the dump after a signal.
bool IsRegister(std::string_view line) {
  const size_t end = std::min(line.find(' '), line.size());
  return end > 0 && end < 8 && std::ranges::all_of(line.substr(0, end), IsWordByte) &&
         TrimmedFront(line.substr(end)).starts_with("0x");
}

// "/app/index.js:3", "node:internal/modules/cjs/loader:936".
bool IsNodeSource(std::string_view line) {
  static constexpr std::string_view kBeginnings[] = {"/", "node:", "file://", "internal/"};
  if (line.empty() || !IsDigit(line.back())) return false;
  const bool windows = line.size() > 3 && IsLetter(line[0]) && line.substr(1, 2) == ":\\";
  if (!windows && !StartsWithAny(line, kBeginnings)) return false;
  const size_t colon = line.rfind(':');
  return colon != std::string_view::npos && colon + 1 < line.size() &&
         std::ranges::all_of(line.substr(colon + 1), IsDigit) && !line.contains(": ");
}

// "TypeError: x is not a function", "Error [ERR_STREAM]: y".
bool IsNodeError(std::string_view line) {
  const auto end = std::ranges::find_if_not(line, IsWordByte);
  const std::string_view name(line.begin(), end);
  if (!name.ends_with("Error") && !name.ends_with("Exception")) return false;
  const std::string_view rest = line.substr(name.size());
  return rest.empty() || rest[0] == ':' || rest.starts_with(" [");
}

// Behind "app.rb:3:in `work'" (before Ruby 3.4) or "app.rb:3:in 'Box#work'"; else npos.
size_t EndOfRubyPlace(std::string_view line) {
  size_t at = line.find(":in ");
  if (at == std::string_view::npos || at == 0 || !IsDigit(line[at - 1])) {
    return std::string_view::npos;
  }
  at += 4;
  if (at >= line.size() || (line[at] != '`' && line[at] != '\'')) return std::string_view::npos;
  at = line.find('\'', at + 1);
  return at == std::string_view::npos ? at : at + 1;
}

// "app.rb:3:in `work': message (RuntimeError)": the first line of what nobody rescued; or Rails'
// "ActionController::RoutingError (No route matches):".
bool IsRubyHeader(std::string_view line) {
  if (line.ends_with("):") && line.contains("Error (")) return true;
  const size_t end = EndOfRubyPlace(line);
  return end != std::string_view::npos && line.substr(end).starts_with(": ");
}

bool IsRubyFrame(std::string_view line) {
  return line.ends_with('\'') && EndOfRubyPlace(line) == line.size();
}

// False for most lines: those that no trace below them begins with.
bool MayOpenTrace(std::string_view line) {
  return IsLetter(line[0]) || line[0] == '[' || line[0] == '#' || line.back() == '\'';
}

bool IsPhpFrame(std::string_view line) {
  if (!line.starts_with('#')) return false;
  const size_t end = line.find_first_not_of("0123456789", 1);
  return end != std::string_view::npos && end > 1 && line[end] == ' ';
}

}  // namespace

std::optional<Languages> LanguagesOf(std::string_view name) {
  struct Row {
    std::string_view name;
    Languages languages;
  };
  static constexpr Row kRows[] = {
      {"auto", kAllLanguages}, {"java", kJava}, {"dotnet", kDotnet},
      {"python", kPython},     {"go", kGo},     {"node", kNode},
      {"ruby", kRuby},         {"php", kPhp},
  };
  const auto found = std::ranges::find(kRows, name, &Row::name);
  if (found == std::end(kRows)) return std::nullopt;
  return found->languages;
}

bool TraceLines::Enter(Languages language, Phase phase) {
  language_ = language & languages_;
  phase_ = phase;
  return true;
}

// A trace begins below a line of another kind.
bool TraceLines::Attach(Languages language, Phase phase) {
  return language_ == 0 && !first_is_json_ && Enter(language, phase);
}

void TraceLines::Begin(std::string_view line) {
  static constexpr std::string_view kJavaHeads[] = {"Exception in thread \""};
  static constexpr std::string_view kDotnetHeads[] = {"Unhandled exception. ",
                                                      "Unhandled Exception: "};
  static constexpr std::string_view kGoHeads[] = {
      "panic: ", "fatal error: ", "runtime: ", "SIGQUIT: ", "SIGABRT: ", "unexpected fault "};
  static constexpr std::string_view kPhpHeads[] = {"PHP Fatal error:  Uncaught ",
                                                   "Fatal error: Uncaught "};
  language_ = 0;
  opened_ = true;
  first_is_json_ = line.starts_with('{') && line.ends_with('}');
  if (languages_ == 0 || first_is_json_) {
    opened_ = false;
  } else if (Has(kJava | kDotnet) && IsExceptionHeader(line)) {
    Enter(kJava | kDotnet, Phase::kStart);
  } else if (Has(kJava) && StartsWithAny(line, kJavaHeads)) {
    Enter(kJava, Phase::kStart);
  } else if (Has(kDotnet) && StartsWithAny(line, kDotnetHeads)) {
    Enter(kDotnet, Phase::kStart);
  } else if (Has(kPython) && line.starts_with(kTraceback)) {
    Enter(kPython, Phase::kFrames);
  } else if (Has(kGo) && (StartsWithAny(line, kGoHeads) || IsGoroutine(line))) {
    Enter(kGo, IsGoroutine(line) ? Phase::kFrames : Phase::kStart);
  } else if (Has(kNode) && IsNodeSource(line)) {
    Enter(kNode, Phase::kSource);
  } else if (Has(kRuby) && IsRubyHeader(line)) {
    Enter(kRuby, Phase::kStart);
  } else if (Has(kPhp) && StartsWithAny(line, kPhpHeads)) {
    Enter(kPhp, Phase::kStart);
  } else {
    opened_ = Has(kNode) && IsNodeError(line);  // if frames follow
  }
}

std::string TraceLines::Save() const {
  return {static_cast<char>(language_), static_cast<char>(phase_), static_cast<char>(opened_),
          static_cast<char>(first_is_json_)};
}

void TraceLines::Restore(std::string_view state) {
  if (state.size() != Save().size()) return;
  language_ = static_cast<Languages>(state[0]) & languages_;
  phase_ = static_cast<Phase>(std::clamp<char>(state[1], 0, static_cast<char>(Phase::kCaret)));
  opened_ = state[2] != 0;
  first_is_json_ = state[3] != 0;
}

bool TraceLines::Continues(std::string_view line) {
  if (In(kNode) && (phase_ == Phase::kSource || phase_ == Phase::kCaret)) {
    return ContinuesNode(line);
  }
  if (IsBlank(line)) return language_ != 0;
  if (line[0] == ' ' || line[0] == '\t') return ContinuesIndented(line);
  if (language_ == 0 && !MayOpenTrace(line)) return false;
  return (Has(kJava) && ContinuesJava(line)) || (Has(kDotnet) && ContinuesDotnet(line)) ||
         (Has(kPython) && ContinuesPython(line)) || (Has(kGo) && ContinuesGo(line)) ||
         (Has(kNode) && ContinuesNode(line)) || (Has(kRuby) && ContinuesRuby(line)) ||
         (Has(kPhp) && ContinuesPhp(line));
}

bool TraceLines::ContinuesIndented(std::string_view line) {
  const std::string_view text = TrimmedFront(line);
  if (language_ != 0) {
    if (In(kGo)) phase_ = Phase::kFrames;
    return true;
  }
  if (text.starts_with("at ") || text.starts_with("---> ")) {
    Enter(kJava | kDotnet | kNode, Phase::kFrames);
  } else if (Has(kPython) && text.starts_with("File \"")) {
    Enter(kPython, Phase::kFrames);
  } else if (Has(kPython) && text.starts_with("+ Exception Group Traceback")) {
    Enter(kPython, Phase::kDone);  // nothing of it stands at the beginning of a line
  } else if (Has(kRuby) && text.starts_with("from ")) {
    Enter(kRuby, Phase::kFrames);
  }
  return true;
}

bool TraceLines::ContinuesJava(std::string_view line) {
  static constexpr std::string_view kMore[] = {"Suppressed: ", "Wrapped by: ", "... ",
                                               "nested exception is:", "at "};
  if (line.starts_with("Caused by: ")) return In(kJava) || Attach(kJava, Phase::kStart);
  if (In(kJava) && StartsWithAny(line, kMore)) return true;
  return IsExceptionHeader(line) && Attach(kJava | kDotnet, Phase::kStart);
}

bool TraceLines::ContinuesDotnet(std::string_view line) {
  static constexpr std::string_view kMore[] = {"--- End of ", "---> ", "at "};
  if (In(kDotnet) && StartsWithAny(line, kMore)) return true;
  return IsExceptionHeader(line) && Attach(kJava | kDotnet, Phase::kStart);
}

bool TraceLines::ContinuesPython(std::string_view line) {
  static constexpr std::string_view kChains[] = {
      "During handling of the above exception, another exception occurred:",
      "The above exception was the direct cause of the following exception:"};
  static constexpr std::string_view kMore[] = {"DETAIL:",
                                               "HINT:",
                                               "CONTEXT:",
                                               "LINE ",
                                               "[SQL: ",
                                               "[parameters: ",
                                               "(Background on this error"};
  if (line.starts_with(kTraceback)) {
    if (In(kPython) && phase_ == Phase::kChained) return Enter(kPython, Phase::kFrames);
    return Attach(kPython, Phase::kFrames);
  }
  if (!In(kPython)) return false;
  if (phase_ == Phase::kFrames) return IsPythonError(line) && Enter(kPython, Phase::kDone);
  if (StartsWithAny(line, kChains)) return Enter(kPython, Phase::kChained);
  return phase_ == Phase::kDone && StartsWithAny(line, kMore);
}

bool TraceLines::ContinuesGo(std::string_view line) {
  static constexpr std::string_view kBeforeFrames[] = {
      "panic: ", "fatal error: ", "sp=", "PC=", "m=", "runtime: "};
  static constexpr std::string_view kMore[] = {"created by ",  "[signal ",
                                               "exit status ", "...additional frames elided",
                                               "...",          "[recovered"};
  if (IsGoroutine(line) || (In(kGo) && line == "runtime stack:")) {
    return In(kGo) ? Enter(kGo, Phase::kFrames) : Attach(kGo, Phase::kFrames);
  }
  if (!In(kGo)) return false;
  if (StartsWithAny(line, kMore) || IsRegister(line)) return true;
  return phase_ == Phase::kStart ? StartsWithAny(line, kBeforeFrames) : IsGoCall(line);
}

bool TraceLines::ContinuesNode(std::string_view line) {
  static constexpr std::string_view kMore[] = {"Node.js v", "Thrown at:", "(Use `node --trace-"};
  if (!In(kNode)) return false;
  switch (phase_) {
    case Phase::kSource:
      return Enter(kNode, Phase::kCaret);
    case Phase::kCaret:
      if (line.find_first_not_of(" \t^~") != std::string_view::npos) return false;
      return Enter(kNode, Phase::kStart);
    case Phase::kStart:
      return Enter(kNode, Phase::kFrames);  // the error itself, whatever was thrown
    default:
      return StartsWithAny(line, kMore) || line == "}" || line == "]";
  }
}

bool TraceLines::ContinuesRuby(std::string_view line) {
  return IsRubyFrame(line) && (In(kRuby) || Attach(kRuby, Phase::kFrames));
}

bool TraceLines::ContinuesPhp(std::string_view line) {
  static constexpr std::string_view kHeads[] = {"Stack trace:", "[stacktrace]", "PHP Stack trace:"};
  static constexpr std::string_view kMore[] = {"Next ", "\"}", "[previous exception] ", "PHP   "};
  if (StartsWithAny(line, kHeads) || line.starts_with("#0 ")) {
    return In(kPhp) || Attach(kPhp, Phase::kFrames);
  }
  return In(kPhp) && (IsPhpFrame(line) || StartsWithAny(line, kMore));
}

}  // namespace hctail::multiline
