// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/checkpoint_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/fingerprint.h"

namespace hctail {
namespace {

constexpr size_t kSealLength = 17;  // a space and 16 digits

std::string_view Name(TextKind kind) { return kind == TextKind::kSnapshot ? "checkpoint" : "log"; }

template <typename... Args>
void AppendFormatted(std::string* to, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(*to), format, std::forward<Args>(args)...);
}

// Ends the line that starts at `begin` with its checksum.
void Seal(size_t begin, std::string* to) {
  const uint64_t checksum = HashBytes(std::string_view(*to).substr(begin));
  AppendFormatted(to, " {:016x}\n", checksum);
}

// A space stays one unless the text is a `word` among others.
void AppendEscaped(std::string_view text, bool word, std::string* to) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      *to += "\\\\";
    } else if (byte < 0x20 || byte == 0x7f || (word && c == ' ')) {
      AppendFormatted(to, "\\x{:02x}", byte);
    } else {
      *to += c;
    }
  }
}

// Takes a line apart from left to right; once something does not fit, nothing does.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  LineReader& Word(std::string_view word) {
    ok_ = ok_ && rest_.starts_with(word);
    if (ok_) rest_.remove_prefix(word.size());
    return *this;
  }

  bool Next(std::string_view word) const { return ok_ && rest_.starts_with(word); }

  template <typename Integer>
  LineReader& Number(Integer* number, int base = 10) {
    if (!ok_) return *this;
    const auto [stop, error] = std::from_chars(rest_.begin(), rest_.end(), *number, base);
    ok_ = error == std::errc();
    if (ok_) rest_.remove_prefix(static_cast<size_t>(stop - rest_.begin()));
    return *this;
  }

  // LENGTH:HASH
  LineReader& Hash(uint32_t* length, uint32_t longest, uint64_t* hash) {
    Number(length).Word(":").Number(hash, 16);
    ok_ = ok_ && *length <= longest;
    return *this;
  }

  LineReader& Id(uint64_t* id) {
    Number(id);
    ok_ = ok_ && *id > 0 && *id <= kLargestId;
    return *this;
  }

  // The rest of the line.
  LineReader& Path(std::string* path) { return Escaped(path, '\0'); }
  // Up to the next space.
  LineReader& Escape(std::string* word) { return Escaped(word, ' '); }

  bool AtEnd() const { return ok_ && rest_.empty(); }

 private:
  LineReader& Escaped(std::string* path, char stop) {
    while (ok_ && !rest_.empty() && rest_[0] != stop) {
      if (rest_[0] != '\\') {
        *path += rest_[0];
        rest_.remove_prefix(1);
      } else if (rest_.starts_with("\\\\")) {
        *path += '\\';
        rest_.remove_prefix(2);
      } else {
        Byte(path);
      }
    }
    return *this;
  }

  // \xHH
  void Byte(std::string* path) {
    unsigned char byte = 0;
    const char* const digits = rest_.data() + 2;
    ok_ = rest_.starts_with("\\x") && rest_.size() >= 4 &&
          std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    if (!ok_) return;
    *path += static_cast<char>(byte);
    rest_.remove_prefix(4);
  }

  std::string_view rest_;
  bool ok_ = true;
};

std::optional<uint64_t> StateHash(const SavedFile& file) {
  if (file.state.empty()) return std::nullopt;
  return HashBytes(file.state);
}

// The line without its checksum; nothing if that is wrong or missing.
std::optional<std::string_view> Unseal(std::string_view line) {
  if (line.size() < kSealLength || line[line.size() - kSealLength] != ' ') return std::nullopt;
  const std::string_view body = line.substr(0, line.size() - kSealLength);
  const std::string_view digits = line.substr(line.size() - kSealLength + 1);
  uint64_t checksum = 0;
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), checksum, 16);
  if (error != std::errc() || stop != digits.data() + digits.size()) return std::nullopt;
  if (checksum != HashBytes(body)) return std::nullopt;
  return body;
}

bool TakeFile(std::string_view body, Positions* positions) {
  SavedFile file;
  FileIdentity& identity = file.identity;
  LineReader reader(body);
  reader.Word("file ").Id(&file.id).Word(" offset=").Number(&file.offset);
  reader.Word(" tail=").Hash(&file.tail_length, kTailLimit, &file.tail_hash);
  reader.Word(" saved=").Number(&file.updated);
  reader.Word(" device=").Number(&identity.device).Word(" inode=").Number(&identity.inode);
  reader.Word(" head=").Hash(&identity.head_length, kHeadLimit, &identity.head_hash);
  int gone = 0;
  reader.Word(" gone=").Number(&gone);
  if (reader.Next(" since=")) reader.Word(" since=").Number(&file.gap_since);
  if (reader.Next(" whole=")) reader.Word(" whole=").Number(&file.whole);
  if (reader.Next(" backfill=1")) {
    reader.Word(" backfill=1");
    file.backfill = true;
  }
  reader.Word(" state=").Escape(&file.state);
  reader.Word(" path=").Path(&file.path);
  if (!reader.AtEnd()) return false;
  file.gone = gone != 0;
  positions->next_id = std::max(positions->next_id, file.id + 1);
  positions->files.insert_or_assign(file.id, std::move(file));
  return true;
}

bool TakeAdvance(std::string_view body, Positions* positions) {
  SavedFile to;
  LineReader reader(body);
  reader.Word("advance ").Id(&to.id).Word(" offset=").Number(&to.offset);
  reader.Word(" tail=").Hash(&to.tail_length, kTailLimit, &to.tail_hash);
  reader.Word(" saved=").Number(&to.updated);
  std::optional<uint64_t> state;
  if (!reader.AtEnd()) reader.Word(" state=").Number(&state.emplace(), 16);
  if (!reader.AtEnd()) return false;
  positions->next_id = std::max(positions->next_id, to.id + 1);
  const auto it = positions->files.find(to.id);
  if (it == positions->files.end()) return true;     // its file line is damaged
  if (state != StateHash(it->second)) return false;  // the file line with its state is damaged
  it->second.offset = to.offset;
  it->second.tail_length = to.tail_length;
  it->second.tail_hash = to.tail_hash;
  it->second.updated = to.updated;
  return true;
}

bool TakeForget(std::string_view body, Positions* positions) {
  uint64_t id = 0;
  if (!LineReader(body).Word("forget ").Id(&id).AtEnd()) return false;
  positions->next_id = std::max(positions->next_id, id + 1);
  positions->files.erase(id);
  return true;
}

bool TakeEnd(std::string_view body, Positions* positions, uint64_t* count) {
  uint64_t next_id = 0;
  if (!LineReader(body).Word("end ").Number(count).Word(" next=").Id(&next_id).AtEnd()) {
    return false;
  }
  positions->next_id = std::max(positions->next_id, next_id);
  return true;
}

}  // namespace

void AppendHeader(TextKind kind, uint64_t generation, std::string* to) {
  const size_t begin = to->size();
  AppendFormatted(to, "hctail {} {} {}", Name(kind), kFormatVersion, generation);
  Seal(begin, to);
}

void AppendFile(const SavedFile& file, std::string* to) {
  const size_t begin = to->size();
  AppendFormatted(to, "file {} offset={} tail={}:{:016x} saved={} ", file.id, file.offset,
                  file.tail_length, file.tail_hash, file.updated);
  AppendFormatted(to, "device={} inode={} head={}:{:016x} gone={}", file.identity.device,
                  file.identity.inode, file.identity.head_length, file.identity.head_hash,
                  file.gone ? 1 : 0);
  if (file.gap_since != 0) AppendFormatted(to, " since={}", file.gap_since);
  if (file.whole != 0) AppendFormatted(to, " whole={}", file.whole);
  if (file.backfill) *to += " backfill=1";
  *to += " state=";
  AppendEscaped(file.state, /*word=*/true, to);
  *to += " path=";
  AppendEscaped(file.path, /*word=*/false, to);
  Seal(begin, to);
}

void AppendAdvance(const SavedFile& file, std::string* to) {
  const size_t begin = to->size();
  AppendFormatted(to, "advance {} offset={} tail={}:{:016x} saved={}", file.id, file.offset,
                  file.tail_length, file.tail_hash, file.updated);
  if (const auto hash = StateHash(file)) AppendFormatted(to, " state={:016x}", *hash);
  Seal(begin, to);
}

void AppendForget(uint64_t id, std::string* to) {
  const size_t begin = to->size();
  AppendFormatted(to, "forget {}", id);
  Seal(begin, to);
}

void AppendEnd(uint64_t count, uint64_t next_id, std::string* to) {
  const size_t begin = to->size();
  AppendFormatted(to, "end {} next={}", count, next_id);
  Seal(begin, to);
}

std::optional<Header> DecodeHeader(std::string_view text, TextKind kind) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto body = Unseal(text.substr(0, end));
  if (!body) return std::nullopt;
  Header header;
  LineReader reader(*body);
  reader.Word("hctail ").Word(Name(kind)).Word(" ").Number(&header.version);
  reader.Word(" ").Number(&header.generation);
  if (header.version > kFormatVersion) return header;  // whatever else its first line says
  if (!reader.AtEnd() || header.version == 0 || header.generation > kLargestId) return std::nullopt;
  return header;
}

Replayed Replay(std::string_view text, Positions* positions) {
  Replayed result;
  uint64_t number = 0;
  uint64_t files = 0;
  for (size_t end; (end = text.find('\n', result.whole_length)) != std::string_view::npos;) {
    const auto body = Unseal(text.substr(result.whole_length, end - result.whole_length));
    result.whole_length = end + 1;
    if (++number == 1) continue;
    uint64_t count = 0;
    result.ended = body && TakeEnd(*body, positions, &count) && count == files;
    if (result.ended) continue;
    if (body && TakeFile(*body, positions)) {
      ++files;
    } else if (!body || !(TakeAdvance(*body, positions) || TakeForget(*body, positions))) {
      ++result.damaged;
      if (result.first_damaged == 0) result.first_damaged = number;
    }
  }
  const std::string_view torn = text.substr(result.whole_length);
  if (torn.find('\0') != std::string_view::npos) {  // not a torn write: blocks never written
    ++result.damaged;
    if (result.first_damaged == 0) result.first_damaged = number + 1;
  }
  if (!torn.empty()) result.ended = false;
  return result;
}

std::string EscapePath(std::string_view path) {
  std::string escaped;
  AppendEscaped(path, /*word=*/false, &escaped);
  return escaped;
}

}  // namespace hctail
