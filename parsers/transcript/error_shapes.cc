// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/error_shapes.h"

#include <algorithm>
#include <cstring>

#include "parsers/transcript/text.h"

namespace hctail::transcript {
namespace {

constexpr size_t kMaxName = 200;

// learn.microsoft.com: "Approved Verbs for PowerShell Commands"; in order.
constexpr std::string_view kVerbs[] = {
    "add",     "approve",     "assert",    "backup",     "block",     "build",     "checkpoint",
    "clear",   "close",       "compare",   "complete",   "compress",  "confirm",   "connect",
    "convert", "convertfrom", "convertto", "copy",       "debug",     "deny",      "deploy",
    "disable", "disconnect",  "dismount",  "edit",       "enable",    "enter",     "exit",
    "expand",  "export",      "find",      "foreach",    "format",    "get",       "grant",
    "group",   "hide",        "import",    "initialize", "install",   "invoke",    "join",
    "limit",   "lock",        "measure",   "merge",      "mount",     "move",      "new",
    "open",    "optimize",    "out",       "ping",       "pop",       "protect",   "publish",
    "push",    "read",        "receive",   "redo",       "register",  "remove",    "rename",
    "repair",  "request",     "reset",     "resize",     "resolve",   "restart",   "restore",
    "resume",  "revoke",      "save",      "search",     "select",    "send",      "set",
    "show",    "skip",        "sort",      "split",      "start",     "step",      "stop",
    "submit",  "suspend",     "switch",    "sync",       "tee",       "test",      "trace",
    "unblock", "undo",        "uninstall", "unlock",     "unprotect", "unpublish", "unregister",
    "update",  "use",         "wait",      "watch",      "where",     "write"};

constexpr std::string_view kCategories[] = {
    "AuthenticationError", "CloseError",     "ConnectionError",  "DeadlockDetected",
    "DeviceError",         "FromStdErr",     "InvalidArgument",  "InvalidData",
    "InvalidOperation",    "InvalidResult",  "InvalidType",      "LimitsExceeded",
    "MetadataError",       "NotEnabled",     "NotImplemented",   "NotInstalled",
    "NotSpecified",        "ObjectNotFound", "OpenError",        "OperationStopped",
    "OperationTimeout",    "ParserError",    "PermissionDenied", "ProtocolError",
    "QuotaExceeded",       "ReadError",      "ResourceBusy",     "ResourceExists",
    "ResourceUnavailable", "SecurityError",  "SyntaxError",      "WriteError"};

std::optional<std::string_view> TextAfter(std::string_view line, std::string_view key) {
  line = Trim(line);
  if (!line.starts_with('+')) return std::nullopt;
  line = Trim(line.substr(1));
  if (!line.starts_with(key)) return std::nullopt;
  line = Trim(line.substr(key.size()));
  if (!line.starts_with(':')) return std::nullopt;
  return Trim(line.substr(1));
}

// `name` stands in `message` between quotes of some kind: "The term 'x' is not recognized".
bool IsQuotedIn(std::string_view name, std::string_view message) {
  const size_t at = message.find(name);
  if (at == std::string_view::npos || at == 0 || at + name.size() >= message.size()) return false;
  const auto is_quote = [](char c) {
    return c == '\'' || c == '"' || static_cast<unsigned char>(c) >= 0x80;
  };
  return is_quote(message[at - 1]) && is_quote(message[at + name.size()]);
}

bool IsScript(std::string_view name) {
  const size_t colon = name.find_last_not_of("0123456789");
  if (colon != std::string_view::npos && colon + 1 < name.size() && name[colon] == ':') {
    name = name.substr(0, colon);
  }
  return name.ends_with(".ps1") || name.ends_with(".psm1");
}

Head::Evidence EvidenceOf(std::string_view name, std::string_view message,
                          std::string_view command) {
  // A header of HTTP that begins with an approved verb.
  if (name == "Set-Cookie") return Head::Evidence::kNone;
  if (IsErrorCategory(name) || IsCmdletName(name) || IsQuotedIn(name, message)) {
    return Head::Evidence::kSure;
  }
  if (name == command || name.ends_with("Exception") || name.ends_with("Error") || IsScript(name)) {
    return Head::Evidence::kIfRepeated;
  }
  return Head::Evidence::kNone;
}

}  // namespace

Head ReadHead(std::string_view line, std::string_view command) {
  if (line.empty()) return {};
  const auto first = static_cast<unsigned char>(line[0]);
  if (!IsLetter(line[0]) && first != '/' && first != '.' && first != '_' && first < 0x80) return {};
  const std::string_view start = line.substr(0, kMaxName);
  // The first colon that a space or the end of the line follows; a path has one before.
  for (size_t at = 0;;) {
    const void* const found = std::memchr(start.data() + at, ':', start.size() - at);
    if (found == nullptr) return {};
    const auto colon = static_cast<size_t>(static_cast<const char*>(found) - start.data());
    at = colon + 1;
    if (at < line.size() && line[at] != ' ') continue;
    const std::string_view name = start.substr(0, colon);
    if (name.find(' ') != std::string_view::npos && !IsScript(name)) return {};
    const std::string_view message = Trim(line.substr(at));
    const Head::Evidence evidence = EvidenceOf(name, message, command);
    if (evidence == Head::Evidence::kNone) return {};
    return {evidence, std::string(name), std::string(message)};
  }
}

std::optional<std::string_view> ReadCategory(std::string_view line) {
  return TextAfter(line, "CategoryInfo");
}

std::optional<std::string_view> ReadId(std::string_view line) {
  return TextAfter(line, "FullyQualifiedErrorId");
}

Category SplitCategory(std::string_view text) {
  Category category;
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return category;
  category.kind = Trim(text.substr(0, colon));
  const size_t bracket = text.rfind("],");
  if (bracket != std::string_view::npos) category.exception = Trim(text.substr(bracket + 2));
  return category;
}

bool IsPosition(std::string_view line) {
  line = TrimRight(line);
  const auto take_number = [&] {
    size_t end = line.size();
    while (end > 0 && IsDigit(line[end - 1])) --end;
    if (end == line.size()) return false;
    line = TrimRight(line.substr(0, end));
    return line.ends_with(':');
  };
  if (!take_number()) return false;
  line = TrimRight(line.substr(0, line.size() - 1));
  // Between the numbers there is at most a word.
  const size_t digit = line.find_last_of("0123456789");
  if (digit == std::string_view::npos || line.size() - digit > 24) return false;
  line = line.substr(0, digit + 1);
  return take_number();
}

bool BeginsExcerpt(std::string_view line) {
  if (!line.ends_with('|') || line.size() < 3 || line.size() > 24 || IsBlank(line[0])) return false;
  const std::string_view word = TrimRight(line.substr(0, line.size() - 1));
  return !word.empty() && word.size() + 1 < line.size() &&
         std::ranges::none_of(word, [](char c) { return IsBlank(c) || IsDigit(c) || c == '|'; });
}

std::optional<std::string_view> ExcerptText(std::string_view line) {
  size_t at = 0;
  while (at < line.size() && at < 16 && (IsBlank(line[at]) || IsDigit(line[at]))) ++at;
  if (at == 0 || at >= line.size() || line[at] != '|') return std::nullopt;
  return Trim(line.substr(at + 1));
}

bool IsUnderline(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '~' || c == ' ' || c == '.'; });
}

bool IsErrorCategory(std::string_view name) {
  return std::ranges::binary_search(kCategories, name);
}

bool IsCmdletName(std::string_view name) {
  const size_t dash = name.find('-');
  if (dash > 12 || dash + 1 >= name.size()) return false;  // or not found
  const auto fits = [](char c) { return IsLetter(c) || IsDigit(c) || c == '_'; };
  if (!std::ranges::all_of(name.substr(dash + 1), fits)) return false;
  return std::ranges::binary_search(kVerbs, Lowered(name.substr(0, dash)));
}

}  // namespace hctail::transcript
