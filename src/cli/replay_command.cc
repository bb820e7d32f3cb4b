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
#include "ship/letter_reader.h"

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
    if (!ReadLine(again.offset) || !reader_.Read(line_, &letter)) {
      return {.file = path_, .offset = again.offset};
    }
    DeadLetterFile::Origin origin = {.file = std::string(letter.file), .offset = letter.offset};
    if (!again.is_event) {  // not even an event: what there was is kept
      origin.instead = {.reason = again.reason,
                        .status = again.status,
                        .record = std::string(letter.record),
                        .is_event = letter.is_event,
                        .dataset = std::string(letter.dataset)};
    }
    return origin;
  }

 private:
  bool ReadLine(uint64_t offset) {
    line_.clear();
    char piece[16 * 1024];
    while (true) {
      const ssize_t n =
          ::pread(fd_.get(), piece, sizeof piece, static_cast<off_t>(offset + line_.size()));
      if (n <= 0) return n == 0 && !line_.empty();
      const std::string_view got(piece, static_cast<size_t>(n));
      const size_t newline = got.find('\n');
      line_.append(got.substr(0, newline));
      if (newline != std::string_view::npos) return true;
    }
  }

  const std::string path_;
  const Fd fd_;
  LetterReader reader_;
  std::string line_;
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
  Result<std::vector<const ParserSpec*>> Candidates() const;
  Status CheckParsers() const;
  Result<LetterFormats> FormatsOf(const std::string& letters);
  int RunOne(const std::string& letters, const std::string& folder);

  const Options& options_;
  StderrLog log_;
};

// A format that must see its files as a whole makes nothing of single records.
Result<std::vector<const ParserSpec*>> Replayer::Candidates() const {
  auto candidates = CandidateParsers(options_);
  if (!candidates) return candidates;
  std::erase_if(*candidates, [](const ParserSpec* spec) { return spec->create == nullptr; });
  if (!candidates->empty()) return candidates;
  return Fail(fmt::format("letters of the format {} cannot be replayed", options_.parser),
              "It has to see a file as a whole; run hctail on the files themselves.");
}

// Before anything is moved.
Status Replayer::CheckParsers() const {
  const auto candidates = Candidates();
  if (!candidates) return std::unexpected(candidates.error());
  for (const ParserSpec* const spec : *candidates) {
    const auto made = MakeParser(*spec, {.options = options_.parser_options});
    if (!made) return std::unexpected(made.error());
  }
  return {};
}

Result<LetterFormats> Replayer::FormatsOf(const std::string& letters) {
  LetterFormats formats{.by_file = {}, .dataset = options_.dataset};
  const auto candidates = Candidates();
  if (!candidates) return std::unexpected(candidates.error());
  if (options_.parser != "auto") {
    formats.by_file[""] = candidates->front();
    return formats;
  }
  const Result<std::string> text = ReadWholeFile(letters);
  if (!text) return std::unexpected(text.error());
  formats.by_file = SniffLetters(*text, *candidates);
  for (const auto& [file, spec] : formats.by_file) {
    log_.Debug(fmt::format("the letters of '{}' are {}", file, spec->name));
  }
  return formats;
}

int Replayer::RunOne(const std::string& letters, const std::string& folder) {
  const Result<LetterFormats> formats = FormatsOf(letters);
  if (!formats) return Fault(formats.error());
  Options options = options_;
  options.files = {letters};
  options.filters.clear();
  options.stop = true;
  options.backfill = false;
  options.read_from = Options::ReadFrom::kBeginning;
  options.parser_options = LetterOptions(options_.parser_options, *formats);
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
    if (prints()) continue;
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
