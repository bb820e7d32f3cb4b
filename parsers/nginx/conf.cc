// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/conf.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>

#include "base/file.h"
#include "parsers/nginx/presets.h"

namespace hctail::nginx {
namespace {

constexpr int kMaxDepth = 20;       // of files that include each other
constexpr size_t kMaxFiles = 5000;  // a glob of "/*" must end

struct NamedFormat {
  std::string name;
  LogFormat format;
};

// What was read.
struct Conf {
  std::vector<NamedFormat> formats;      // in the order they were met
  std::vector<std::string> access_logs;  // names of the formats that access_log directives use
  std::vector<std::string> unread;  // "cannot read 'PATH': REASON (included by 'PATH', line 3)"
  size_t files = 0;                 // that were read
};

// One token of a configuration.
struct Token {
  enum class Kind { kWord, kSemicolon, kOpen, kClose, kEnd, kUnclosedQuote } kind = Kind::kEnd;
  std::string text = {};
  size_t line = 0;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  Token Next() {
    SkipBlanks();
    const size_t line = line_;
    if (at_ >= text_.size()) return {Token::Kind::kEnd, {}, line};
    const char c = text_[at_];
    if (c == ';' || c == '{' || c == '}') {
      ++at_;
      const auto kind = c == ';'   ? Token::Kind::kSemicolon
                        : c == '{' ? Token::Kind::kOpen
                                   : Token::Kind::kClose;
      return {kind, std::string(1, c), line};
    }
    if (c == '"' || c == '\'') return Quoted(c);
    return Word();
  }

  // Steps over the rest of a block of Lua, whose '{' was read.  Braces in its strings and comments
  // do not count.
  void SkipLua() {
    const size_t begin = at_;
    for (int depth = 1; at_ < text_.size() && depth > 0;) {
      const std::string_view rest = text_.substr(at_);
      const bool comment = rest.starts_with("--");
      if (const size_t size = SizeOfLuaBrackets(rest.substr(comment ? 2 : 0)); size > 0) {
        at_ += size + (comment ? 2 : 0);
      } else if (comment) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (rest[0] == '"' || rest[0] == '\'') {
        at_ += SizeOfLuaString(rest);
      } else {
        if (rest[0] == '{') ++depth;
        if (rest[0] == '}') --depth;
        ++at_;
      }
    }
    line_ += static_cast<size_t>(std::ranges::count(text_.substr(begin, at_ - begin), '\n'));
  }

 private:
  static bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  // Of "[[...]]" or "[=[...]=]" at the start of `text`; 0 if there is none.
  static size_t SizeOfLuaBrackets(std::string_view text) {
    if (!text.starts_with('[')) return 0;
    const size_t open = text.find_first_not_of('=', 1);
    if (open == std::string_view::npos || text[open] != '[') return 0;
    const std::string close = "]" + std::string(open - 1, '=') + "]";
    const size_t end = text.find(close, open);
    return end == std::string_view::npos ? text.size() : end + close.size();
  }

  // Of a string that begins with its quote; it ends with the line in any case.
  static size_t SizeOfLuaString(std::string_view text) {
    for (size_t at = 1; at < text.size(); ++at) {
      if (text[at] == '\\') {
        ++at;
      } else if (text[at] == text[0] || text[at] == '\n') {
        return at + 1;
      }
    }
    return text.size();
  }

  void SkipBlanks() {
    while (at_ < text_.size()) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (IsBlank(text_[at_])) {
        ++at_;
      } else {
        return;
      }
    }
  }

  // What follows a backslash; nginx keeps the backslash before anything else.
  void Escaped(std::string* out) {
    if (++at_ >= text_.size()) return out->push_back('\\');
    const char c = text_[at_++];
    switch (c) {
      case '"':
      case '\'':
      case '\\':
        return out->push_back(c);
      case 't':
        return out->push_back('\t');
      case 'r':
        return out->push_back('\r');
      case 'n':
        return out->push_back('\n');
      default:
        if (c == '\n') ++line_;
        out->push_back('\\');
        out->push_back(c);
    }
  }

  Token Quoted(char quote) {
    Token token{Token::Kind::kWord, {}, line_};
    ++at_;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\') {
        Escaped(&token.text);
        continue;
      }
      if (text_[at_] == '\n') ++line_;
      token.text.push_back(text_[at_++]);
    }
    if (at_ >= text_.size()) token.kind = Token::Kind::kUnclosedQuote;
    ++at_;
    return token;
  }

  Token Word() {
    Token token{Token::Kind::kWord, {}, line_};
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool brace_of_variable = c == '{' && token.text.ends_with('$');
      if (IsBlank(c) || c == ';' || (c == '{' && !brace_of_variable)) break;
      if (c == '\\') {
        Escaped(&token.text);
        continue;
      }
      token.text.push_back(c);
      ++at_;
      if (!brace_of_variable) continue;
      while (at_ < text_.size() && text_[at_] != '}' && !IsBlank(text_[at_])) {
        token.text.push_back(text_[at_++]);
      }
    }
    return token;
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
};

// The folder of `path` with its '/', or "".
std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

std::vector<std::string> Glob(const std::string& pattern) {
  if (pattern.find_first_of("*?[") == std::string::npos) return {pattern};
  std::vector<std::string> paths;
  glob_t found = {};
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return paths;
}

class Reader {
 public:
  Reader(std::string main, Conf* conf) : main_(std::move(main)), conf_(conf) {}

  Status ReadFile(const std::string& path, int depth) {
    const Result<std::string> text = ReadWholeFile(path);
    if (!text) return std::unexpected(text.error());
    ++conf_->files;
    Lexer lexer(*text);
    std::vector<std::string> words;
    while (true) {
      Token token = lexer.Next();
      switch (token.kind) {
        case Token::Kind::kWord:
          words.push_back(std::move(token.text));
          continue;
        case Token::Kind::kUnclosedQuote:
          return Fail(
              fmt::format("'{}' is no nginx configuration: line {} begins a quote that is "
                          "not closed",
                          path, token.line));
        case Token::Kind::kEnd:
          return {};
        case Token::Kind::kOpen:
          if (!words.empty() && words[0].ends_with("_by_lua_block")) lexer.SkipLua();
          break;
        case Token::Kind::kSemicolon:
          if (Status status = Directive(words, path, token.line, depth); !status) return status;
          break;
        case Token::Kind::kClose:
          break;
      }
      words.clear();
    }
  }

 private:
  Status Directive(const std::vector<std::string>& words, const std::string& path, size_t line,
                   int depth) {
    if (words.size() < 2) return {};
    if (words[0] == "include") return Include(words[1], path, line, depth);
    if (words[0] == "access_log") AccessLog(words);
    if (words[0] == "log_format") return AddFormat(words, path, line);
    return {};
  }

  Status AddFormat(const std::vector<std::string>& words, const std::string& path, size_t line) {
    NamedFormat named{words[1], {}};
    size_t first = 2;
    if (words.size() > first && words[first].starts_with("escape=")) {
      const std::string_view mode = std::string_view(words[first]).substr(7);
      if (mode == "json") {
        named.format.escape = Escape::kJson;
      } else if (mode == "none") {
        named.format.escape = Escape::kNone;
      } else if (mode != "default") {
        return Fail(fmt::format("{}:{}: unknown '{}' of log_format '{}'", path, line, words[first],
                                words[1]));
      }
      ++first;
    }
    for (size_t i = first; i < words.size(); ++i) named.format.text += words[i];
    conf_->formats.push_back(std::move(named));
    return {};
  }

  void AccessLog(const std::vector<std::string>& words) {
    if (words[1] == "off") return;
    const bool named = words.size() > 2 && !words[2].contains('=');
    std::string name = named ? words[2] : "combined";
    auto& names = conf_->access_logs;
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }

  Status Include(const std::string& pattern, const std::string& path, size_t line, int depth) {
    const std::string full = pattern.starts_with('/') ? pattern : FolderOf(main_) + pattern;
    for (const std::string& file : Glob(full)) {
      if (depth >= kMaxDepth || conf_->files >= kMaxFiles) {
        return Fail(
            fmt::format("{}:{}: the files of this configuration include each other without "
                        "end",
                        path, line));
      }
      const Status read = ReadFile(file, depth + 1);
      if (!read) {
        conf_->unread.push_back(
            fmt::format("{} (included by {}:{})", read.error().message, path, line));
      }
    }
    return {};
  }

  const std::string main_;
  Conf* const conf_;
};

std::vector<std::string> NamesOf(const Conf& conf) {
  std::vector<std::string> names;
  names.reserve(conf.formats.size());
  for (const NamedFormat& named : conf.formats) names.push_back(named.name);
  return names;
}

Error NotFound(const Conf& conf, const std::string& path, std::string_view name) {
  Error error;
  error.message = fmt::format("there is no log_format '{}' in '{}'", name, path);
  if (conf.files > 1) {
    error.message += fmt::format(" and the {} files that it includes", conf.files - 1);
  }
  error.hint = conf.formats.empty() ? "There is none at all; nginx itself knows 'combined'."
                                    : fmt::format("There are: {}.", fmt::join(NamesOf(conf), ", "));
  for (const std::string& unread : conf.unread) error.hint += "\n" + unread;
  return error;
}

}  // namespace

Result<LogFormat> FindFormat(const std::string& path, std::string_view name) {
  Conf conf;
  const Status read = Reader(path, &conf).ReadFile(path, 0);
  if (!read) return std::unexpected(read.error());
  std::string wanted(name);
  if (wanted.empty()) {
    std::vector<std::string> names = conf.access_logs;
    if (names.empty()) names = NamesOf(conf);
    if (names.empty()) names = {"combined"};
    if (names.size() > 1) {
      return Fail(fmt::format("'{}' has {} log formats, and none was chosen", path, names.size()),
                  fmt::format("Choose one with --nginx.format: {}.", fmt::join(names, ", ")));
    }
    wanted = names[0];
  }
  const auto found = std::ranges::find(conf.formats, wanted, &NamedFormat::name);
  if (found != conf.formats.end()) return found->format;
  if (wanted == "combined") return FindPreset(wanted)->formats[0];
  return std::unexpected(NotFound(conf, path, wanted));
}

}  // namespace hctail::nginx
