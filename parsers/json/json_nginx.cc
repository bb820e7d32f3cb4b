// SPDX-License-Identifier: Apache-2.0
#include "parsers/json/json_nginx.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "parsers/json/json_text.h"

namespace hctail::json {
namespace {

std::string_view TrimSpaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

class Mender {
 public:
  Mender(std::string_view text, std::string* out) : text_(text), out_(out) {}

  bool Run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      Copy(1);
      if (c == '"') String();
      if (c == ':') Value();
    }
    return mended_;
  }

 private:
  void Copy(size_t size) {
    size = std::min(size, text_.size() - at_);
    *out_ += text_.substr(at_, size);
    at_ += size;
  }

  // The rest of a string, with its closing quote.
  void String() {
    while (at_ < text_.size()) {
      Copy(std::min(text_.find_first_of("\"\\", at_), text_.size()) - at_);
      const std::string_view rest = text_.substr(at_);
      const int byte = rest.starts_with("\\x") ? ReadHex(rest.substr(2), 2) : -1;
      if (byte < 0) {
        Copy(rest.starts_with('\\') ? 2 : 1);
        if (rest.starts_with('"')) return;
        continue;
      }
      mended_ = true;
      at_ += 4;
      if (byte < 0x20) {
        *out_ += fmt::format("\\u{:04x}", byte);
      } else {
        if (byte == '"' || byte == '\\') *out_ += '\\';
        *out_ += static_cast<char>(byte);
      }
    }
  }

  // What stands behind a colon, if it is of the bytes of numbers and lists.
  void Value() {
    const size_t end = std::min(text_.find_first_not_of("0123456789.,:- ", at_), text_.size());
    size_t size = end - at_;
    // A comma behind it is the object's.
    if (end < text_.size() && text_[end] == '"') size = text_.substr(at_, size).rfind(',');
    const bool ends = end < text_.size() && size != std::string_view::npos &&
                      (text_[end] == '"' || text_[end] == '}');
    const std::string_view value = ends ? TrimSpaces(text_.substr(at_, size)) : "0";
    if (value.empty() || value == "-") {
      *out_ += "null";
    } else if (ReadNumber(value) == Number::kNone &&
               (value.contains(", ") || value.contains(" : "))) {
      out_->append("\"").append(value).append("\"");
    } else {
      Copy(end - at_);
      return;
    }
    mended_ = true;
    at_ += size;
    Copy(end - at_);
  }

  const std::string_view text_;
  std::string* const out_;
  size_t at_ = 0;
  bool mended_ = false;
};

}  // namespace

bool MendNginx(std::string_view text, std::string* out) { return Mender(text, out).Run(); }

}  // namespace hctail::json
