// SPDX-License-Identifier: Apache-2.0
#include "cli/replay_command.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "checkpoint/state_directory.h"
#include "cli/preflight.h"
#include "cli/run.h"
#include "parsers/parser.h"
#include "pipeline/letter_parser.h"
#include "pipeline/parser_chooser.h"
#include "ship/letter_reader.h"
#include "tail/file_system.h"

namespace hctail {
namespace {

constexpr int kAllSettled = 0;
constexpr int kUnsettled = 1;
constexpr int kMisconfigured = 2;

bool Exists(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0;
}

std::unexpected<Error> Cannot(std::string_view verb, const std::string& path, int error) {
  std::string hint = error == EACCES || error == EPERM ? DescribePermissions(path) : "";
  return Fail(fmt::format("cannot {} '{}': {}", verb, path, ErrnoText(error)), std::move(hint));
}

// Whoever names a log by mistake would find its lines in the dead letters.
Status CheckLetters(const std::string& path) {
  const Result<std::string> text = ReadWholeFile(path);
  if (!text) return std::unexpected(text.error());
  LetterReader reader;
  Letter letter;
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (reader.Read(rest.substr(0, end), &letter)) return {};
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (text->empty()) return {};
  return Fail(fmt::format("there is no dead letter in '{}'", path),
              "Read a log with -f; letters stand in the file that --dead-letter names.");
}

// One FILE and the folder beside it.
class Taken {
 public:
  explicit Taken(std::string file) : file_(std::move(file)), folder_(file_ + ".replaying") {}

  const std::string& folder() const { return folder_; }
  std::string letters() const { return folder_ + "/letters"; }

  // Moves the letters into the folder, unless an earlier replay left some there.
  Status Take(Log& log);
  // Removes the folder: all letters are settled.
  Status Remove(Log& log) const;

 private:
  Status Move() const;
  void RemoveAllBut(std::string_view kept) const;

  std::string file_;
  const std::string folder_;
};

Status Taken::Take(Log& log) {
  if (const std::string holder = LockHolder(folder_); !holder.empty()) {
    return Fail(fmt::format("'{}' is being replayed by {}", file_, holder));
  }
  if (Exists(letters())) {
    log.Info(fmt::format("going on with an earlier replay of '{}'", file_));
    return {};
  }
  struct stat info = {};
  if (::lstat(file_.c_str(), &info) != 0) return Cannot("read", file_, errno);
  if (S_ISLNK(info.st_mode)) {
    return Fail(fmt::format("'{}' is a symbolic link", file_), "Name the file that it leads to.");
  }
  if (!S_ISREG(info.st_mode)) return Fail(fmt::format("'{}' is not a regular file", file_));
  if (Status letters = CheckLetters(file_); !letters) return letters;
  if (Status made = MakeStateDirectory(folder_); !made) return made;
  const Result<Fd> lock = LockStateDirectory(folder_);
  if (!lock) return std::unexpected(lock.error());
  RemoveAllBut("lock");  // of a replay that was killed while it was removing
  return Move();
}

// Not while a hctail is writing to it (dead_letter.h).
Status Taken::Move() const {
  const Fd fd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Cannot("read", file_, errno);
  while (::flock(fd.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
  if (::rename(file_.c_str(), letters().c_str()) == 0) return {};
  return Cannot("move", file_, errno);
}

void Taken::RemoveAllBut(std::string_view kept) const {
  DIR* const listing = ::opendir(folder_.c_str());
  if (listing == nullptr) return;
  while (const dirent* const entry = ::readdir(listing)) {
    const std::string_view name = entry->d_name;
    if (name != kept && name != "." && name != "..") {
      ::unlink(fmt::format("{}/{}", folder_, name).c_str());
    }
  }
  ::closedir(listing);
}

// The letters first: without them the positions are of no use, and the other way round all would
// be sent again.
Status Taken::Remove(Log& log) const {
  if (::unlink(letters().c_str()) != 0) return Cannot("remove", letters(), errno);
  RemoveAllBut("");
  if (::rmdir(folder_.c_str()) != 0) return Cannot("remove", folder_, errno);
  if (Exists(file_)) {
    log.Info(fmt::format("'{}' has letters that were written meanwhile", file_));
  }
  return {};
}

// The letter that stands in a file of letters, for one that failed again.
class LetterOrigins {
 public:
  explicit LetterOrigins(const std::string& path)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

  DeadLetterFile::Origin Of(const DeadLetter& again) {
    Letter letter;
    // Not even an event: then its record is the letter (letter_parser.h).
    if (!reader_.Read(again.is_event ? LineAt(again.offset) : again.record, &letter)) {
      return {.file = path_, .offset = again.offset};
    }
    DeadLetterFile::Origin origin = {.file = std::string(letter.file), .offset = letter.offset};
    if (!again.is_event) {
      origin.instead = {.reason = again.reason,
                        .status = again.status,
                        .record = std::string(letter.record),
                        .is_event = letter.is_event,
                        .dataset = std::string(letter.dataset)};
    }
    return origin;
  }

 private:
  // Of the events of one letter, the second stands at its second byte, and so on.
  std::string LineAt(uint64_t offset) {
    char piece[16 * 1024];
    const auto read = [&](uint64_t at, size_t size) {
      return ::pread(fd_.get(), piece, size, static_cast<off_t>(at));
    };
    while (offset > 0 && read(offset - 1, 1) == 1 && piece[0] != '\n') --offset;
    std::string line;
    while (true) {
      const ssize_t n = read(offset + line.size(), sizeof piece);
      if (n <= 0) return line;
      const std::string_view got(piece, static_cast<size_t>(n));
      const size_t newline = got.find('\n');
      line.append(got.substr(0, newline));
      if (newline != std::string_view::npos) return line;
    }
  }

  const std::string path_;
  const Fd fd_;
  LetterReader reader_;
};

class Replayer {
 public:
  explicit Replayer(const Options& options) : options_(options), log_(options.log_level) {}

  int Run(const std::vector<std::string>& files);

 private:
  int Fault(const Error& error) {
    log_.Fault(error);
    return kMisconfigured;
  }
  bool prints() const { return options_.output == Options::Output::kStdout; }
  Status CheckParsers() const;
  Result<LetterFormats> FormatsOf(const std::string& letters);
  int RunOne(const std::string& letters, const std::string& folder);

  const Options& options_;
  StderrLog log_;
};

// Before anything is moved.
Status Replayer::CheckParsers() const {
  const auto candidates = CandidateParsers(options_);
  if (!candidates) return std::unexpected(candidates.error());
  for (const ParserSpec* const spec : *candidates) {
    const auto made =
        MakeFileParser(*spec, {.options = options_.parser_options}, Wrapper::kNone, {});
    if (!made) return std::unexpected(made.error());
  }
  return {};
}

Result<LetterFormats> Replayer::FormatsOf(const std::string& letters) {
  LetterFormats formats{.by_file = {}, .dataset = options_.dataset};
  auto candidates = CandidateParsers(options_);
  if (!candidates) return std::unexpected(candidates.error());
  if (options_.parser != "auto") {
    formats.by_file[""] = candidates->front();
    return formats;
  }
  const Result<std::string> text = ReadWholeFile(letters);
  if (!text) return std::unexpected(text.error());
  ParserChooser chooser({.candidates = std::move(*candidates),
                         .wrapper_of =
                             [this](std::span<const std::string_view> lines, Wrapper before) {
                               return WrapperOf(options_.parser_options, lines, before);
                             }},
                        log_, [](const Error&) {});
  formats.by_file = SniffLetters(*text, chooser);
  return formats;
}

int Replayer::RunOne(const std::string& letters, const std::string& folder) {
  const Result<LetterFormats> formats = FormatsOf(letters);
  if (!formats) return Fault(formats.error());
  Options options = options_;
  options.files = {HasWildcard(letters) ? EscapeGlob(letters) : letters};
  options.filters.clear();
  options.stop = true;
  options.backfill = false;
  options.read_from = Options::ReadFrom::kBeginning;
  options.parser_options = LetterOptions(options_.parser_options, *formats);
  options.encoding = "UTF-8";
  options.lone_cr = false;
  options.on_unparsed = "dead-letter";  // what fails again is the letter that it was
  // A byte of a record is at most six in a letter.
  options.max_line = 6 * std::max<uint64_t>(options_.max_line, 4'000'000);
  options.state_dir_explicit = !folder.empty();
  options.state_dir = folder;
  if (folder.empty()) options.dead_letter_path = "/dev/null";
  LetterOrigins origins(letters);
  return RunCommand(options, {.parser = &LetterSpec(), .origin_of = [&](const DeadLetter& letter) {
                                return origins.Of(letter);
                              }});
}

int Replayer::Run(const std::vector<std::string>& files) {
  if (const Status parsers = CheckParsers(); !parsers) return Fault(parsers.error());
  std::vector<Taken> taken;
  for (const std::string& file : files) {
    taken.emplace_back(file);
    if (prints()) {
      if (const Status letters = CheckLetters(file); !letters) return Fault(letters.error());
      continue;
    }
    const std::string& folder = taken.back().folder();
    const Status owner = ActAsOwner(folder.substr(0, folder.rfind('/') + 1) + ".");
    if (!owner) return Fault(owner.error());
    // All of them first: what fails again must not be read again from the next one.
    if (const Status moved = taken.back().Take(log_); !moved) return Fault(moved.error());
  }
  int worst = kAllSettled;
  for (size_t i = 0; i < files.size(); ++i) {
    const int code =
        prints() ? RunOne(files[i], "") : RunOne(taken[i].letters(), taken[i].folder());
    worst = std::max(worst, code);
    if (code != kAllSettled) {
      if (!prints()) {
        log_.Info(fmt::format("'hctail replay {}' goes on where this one stopped", files[i]));
      }
      break;
    }
    if (prints()) continue;
    if (const Status removed = taken[i].Remove(log_); !removed) {
      log_.Fault(removed.error());
      worst = kUnsettled;
    }
  }
  return worst;
}

}  // namespace

int ReplayLetters(const Options& options, const std::vector<std::string>& files) {
  return Replayer(options).Run(files);
}

}  // namespace hctail
