// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/time_zone.h"
#include "checkpoint/state_directory.h"
#include "checkpoint/state_files.h"
#include "cli/preflight.h"
#include "cli/runner.h"
#include "cli/standard_streams.h"
#include "ship/key_check.h"

namespace hctail {

namespace {

// What is wrong with a directory for state, said of the spool's.
Status OfSpool(Error error) {
  for (std::string* const text : {&error.message, &error.hint}) {
    for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>(
                                       "the state directory", "the spool's directory"),
                                   {"--state-dir", "--spool"}}) {
      if (const size_t at = text->find(from); at != std::string::npos) {
        text->replace(at, from.size(), to);
      }
    }
  }
  return std::unexpected(std::move(error));
}

}  // namespace

// A machine without a zone is in UTC, unless its own time is needed for sure.
Status Runner::FindZones() {
  const bool given = !options_.zone.empty();
  const bool needed = given || options_.localtime || options_.parser == "transcript";
  const bool from_tz = !given && !options_.machine_zone.empty();
  const auto zone = given     ? FindZone(options_.zone)
                    : from_tz ? FindZone(options_.machine_zone)
                              : LocalZone();
  if (!zone && needed) {
    const std::string_view origin = given                ? " (from --timezone)"
                                    : from_tz            ? " (from $TZ)"
                                    : options_.localtime ? " (from --localtime)"
                                                         : " (for --parser transcript)";
    return Fail(zone.error().message + std::string(origin), zone.error().hint);
  }
  local_zone_ = zone.value_or(nullptr);
  if (given || options_.localtime) zone_ = local_zone_;
  return {};
}

Status Runner::PrepareCharset() {
  if (options_.encoding == "auto") return {};
  auto charset = ParseCharset(options_.encoding);
  if (!charset) return Fail(charset.error().message + " (from --encoding)", charset.error().hint);
  charset_ = std::move(*charset);
  return {};
}

Status Runner::Prepare() {
  if (!ships() && IsClosedStream(STDOUT_FILENO)) {
    return Fail("standard output is closed: events cannot be printed",
                "Give it a place to go to, 'hctail ... > FILE', or an API key to send them.");
  }
  if (const Status zones = FindZones(); !zones) return zones;
  if (const Status charset = PrepareCharset(); !charset) return charset;
  std::vector<Error> problems;
  PrepareParsers(&problems);
  if (!problems.empty()) return std::unexpected(std::move(problems.front()));
  compression_ = {.compression = options_.compression == "zstd"   ? Compression::kZstd
                                 : options_.compression == "gzip" ? Compression::kGzip
                                                                  : Compression::kNone,
                  .level = options_.compression_level};
  const Status files = CheckFiles(options_.files, options_.filters,
                                  options_.stop || options_.backfill, log_, &expected_);
  if (!files) return files;
  if (const Status checkpoint = OpenCheckpoint(); !checkpoint) return checkpoint;
  if (const Status spool = OpenSpool(); !spool) return spool;
  if (const Status letters = PrepareDeadLetters(); !letters) return letters;
  PrepareSampling();
  return ships() ? OpenTransport() : Status();
}

// A format's options, and those of records, are wrong at once, not at the first line that needs
// them.
void Runner::PrepareParsers(std::vector<Error>* problems) {
  if (replay_.parser != nullptr) {
    parser_ = replay_.parser;
    candidates_ = {parser_};
  } else {
    auto candidates = CandidateParsers(options_);
    if (!candidates) return problems->push_back(candidates.error());
    candidates_ = std::move(*candidates);
    if (options_.parser != "auto") parser_ = candidates_.front();
  }
  std::erase_if(candidates_, [&](const ParserSpec* spec) {
    const auto created = MakeFileParser(*spec, MakeParserConfig(), Wrapper::kNone, {});
    if (created) return false;
    // Options of records are wrong for each format.
    if (std::ranges::find(*problems, created.error().message, &Error::message) == problems->end()) {
      problems->push_back(created.error());
    }
    return true;
  });
}

Status Runner::OpenCheckpoint() {
  const bool only_stdin =
      std::ranges::all_of(options_.files, [](const auto& f) { return f == "-"; });
  const bool keeps = ships() || options_.state_dir_explicit;
  if (options_.spool_dir.empty() && (only_stdin || !keeps)) return {};
  std::vector<std::string> warnings;
  auto opened =
      CheckpointFile::Open(options_.state_dir, CheckpointFile::Access::kExclusive, &warnings);
  for (const std::string& warning : warnings) log_.Warn(warning);
  if (!opened) return std::unexpected(opened.error());
  checkpoint_ = std::move(*opened);
  WarnOfForeignOwner();
  return {};
}

Status Runner::OpenSpool() {
  const std::string& directory = options_.spool_dir;
  if (directory.empty()) return {};
  if (const std::string holder = LockHolder(directory); !holder.empty()) {
    return Fail(fmt::format("the spool '{}' is in use by {}", directory, holder),
                "Two cannot share one: stop that one, or give this one another with --spool.");
  }
  if (const Status made = MakeStateDirectory(directory); !made) return OfSpool(made.error());
  Result<Fd> lock = LockStateDirectory(directory);
  if (!lock) return OfSpool(lock.error());
  spool_lock_ = std::move(*lock);
  auto spool = Spool::Open(directory, options_.spool_max, spool_disk_);
  if (!spool) return std::unexpected(spool.error());
  spool_ = std::move(*spool);
  std::optional<Error> warning;
  const Status room = spool_->CheckDisk(options_.max_line, &warning);
  if (warning) log_.Warn(warning->message, warning->hint);
  return room;
}

// Without them the first record that cannot be sent would hold up all that follow.
Status Runner::PrepareDeadLetters() {
  dead_letter_path_ = options_.dead_letter_path;
  const Status writable = CheckDeadLetters(dead_letter_path_);
  if (writable) return {};
  const Error& why = writable.error();
  if (!ships() && !options_.dead_letter_explicit) {
    log_.Warn("no dead letters are kept: " + why.message,
              "What cannot be parsed is only counted; to keep it, name a file with --dead-letter.");
    dead_letter_path_ = "/dev/null";
    return {};
  }
  return Fail(why.message + " (for the dead letters)",
              (why.hint.empty() ? "" : why.hint + "\n") + "Name another file with --dead-letter.");
}

// What root writes there the service's user cannot read later.
void Runner::WarnOfForeignOwner() {
  struct stat info = {};
  if (::geteuid() != 0 || ::stat(options_.state_dir.c_str(), &info) != 0 || info.st_uid == 0)
    return;
  const std::string owner = NameOfUser(info.st_uid);
  log_.Warn(
      fmt::format("the state directory '{}' belongs to {}, and hctail runs as root",
                  options_.state_dir, owner),
      fmt::format("What is saved now cannot be read by {} later; run hctail as {}, or mend it "
                  "with 'hctail state check --repair'.",
                  owner, owner));
}

void Runner::PrepareSampling() {
  auto sampling = std::make_unique<SamplingPolicy>(options_.sampling, random_.Next());
  if (!sampling->active()) return;
  sampling_ = std::move(sampling);
  if (SamplingStatePath().empty()) return;
  const auto state = ReadStateFile(SamplingStatePath());
  if (!state) return;  // the first run
  if (const Status restored = sampling_->Restore(*state); !restored) {
    log_.Warn(restored.error().message, "Sampling begins anew.");
  }
}

// A backfill's rates belong to other days.
std::string Runner::SamplingStatePath() const {
  return checkpoint_ == nullptr || options_.backfill ? "" : options_.state_dir + "/sampling";
}

Status Runner::CheckCaFile() const {
  if (options_.ca_file.empty()) return {};
  const auto file = ReadWholeFile(options_.ca_file);
  return file ? Status() : Fail(file.error().message + " (from --ca-file)");
}

Status Runner::OpenTransport() {
  if (const Status checked = CheckCaFile(); !checked) return checked;
  transport_ =
      std::make_unique<CurlTransport>(CurlOptions{.url = options_.api_host.url,
                                                  .ca_file = options_.ca_file,
                                                  .total_timeout = options_.request_timeout});
  if (options_.skip_auth_check) return {};
  bool away = false;
  auto key = VerifyKey(*transport_, clock_, random_,
                       {.write_key = options_.write_key,
                        .user_agent = UserAgent(),
                        .key_origin = options_.write_key_origin,
                        .host = options_.api_host.name},
                       &away);
  // What worked before will work again, and what is not read meanwhile may be gone by then.
  const bool before = checkpoint_ != nullptr && !checkpoint_->files().empty();
  if (!key && away && before && !options_.stop && !options_.backfill) {
    log_.Warn(key.error().message,
              key.error().hint + "\nhctail goes on as it did before, and sends when it can.");
    return {};
  }
  if (!key) return std::unexpected(key.error());
  log_.Info(key->environment.empty()
                ? fmt::format("sending to {}, team {}", options_.api_host.name, key->team)
                : fmt::format("sending to {}, team {}, environment {}", options_.api_host.name,
                              key->team, key->environment));
  return {};
}

void Runner::Announce() {
  if (ships() || !options_.output_is_default) return;
  log_.Info(
      "no API key: printing events; to send them set HONEYCOMB_API_KEY or give --writekey-file "
      "FILE");
}

// Each folder once, and of many only the first.
void Runner::TellUnlisted(const std::string& folder, int error) {
  constexpr size_t kMost = 10;
  if (unlisted_.size() > kMost || !unlisted_.insert(folder).second) return;
  if (unlisted_.size() > kMost) {
    log_.Warn("more folders cannot be listed");
    return;
  }
  const Error told = CannotList(folder, error);
  log_.Warn(told.message, told.hint);
}

Status Runner::LimitProcess() {
  constexpr rlim_t kFewestFiles = 32;  // with less, folders cannot be listed
  // A core dump would hold the API key and log lines.
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max >= kFewestFiles) return {};
  return Fail(fmt::format("only {} files may be open at once; hctail needs {}", limit.rlim_max,
                          kFewestFiles),
              "Raise the hard limit of open files (ulimit -Hn, or LimitNOFILE= of systemd).");
}

// What else needs descriptors: state, dead letters, inotify, folders that are listed, connections.
size_t Runner::MostOpenFiles() {
  constexpr size_t kOthers = 40;
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = 1024;
  const size_t others = kOthers + 2 * static_cast<size_t>(options_.poolsize);
  const size_t left = limit.rlim_cur > 2 * others ? limit.rlim_cur - others : limit.rlim_cur / 2;
  const size_t most = std::max<size_t>(left, 1);
  if (options_.max_open_files > most) {
    log_.Warn(fmt::format("--max-open-files {} is more than the system allows: {} files are kept "
                          "open at most",
                          options_.max_open_files, most),
              fmt::format("The hard limit of this process is {} (ulimit -Hn, or LimitNOFILE= of "
                          "systemd).",
                          limit.rlim_cur));
  }
  return options_.max_open_files == 0 ? most : std::min<size_t>(options_.max_open_files, most);
}

}  // namespace hctail
