// SPDX-License-Identifier: Apache-2.0
#include "ship/batcher.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "base/fingerprint.h"
#include "base/time_format.h"
#include "event/encode_json.h"

namespace hctail {
namespace {

constexpr size_t kMaxEvent = 1'000'000;  // bytes
constexpr size_t kMaxFields = 2'000;
constexpr size_t kSpareBodies = 4;

void AppendNumber(uint64_t number, std::string* out) {
  char text[20];
  out->append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

void AppendTime(Timestamp time, std::string* out) {
  char text[kRfc3339Size];
  out->append(R"("time":")");
  out->append(text, FormatRfc3339(time, text));
  out->append("\",");
}

}  // namespace

Batcher::Batcher(BatcherOptions options)
    : options_(options),
      compressor_(options.encoding == Encoding::kLines
                      ? CompressionSetting{.compression = Compression::kNone}
                      : options.compression) {}

void Batcher::Begin(uint64_t sequence, size_t charge) {
  HC_CHECK(drafts_.empty());
  sequence_ = sequence;
  charge_ = charge;
}

void Batcher::AddEvent(const RecordPlace& place, const Event& event, uint64_t rate,
                       std::string_view dataset) {
  size_t at = OpenDraft(dataset);
  std::string* body = &drafts_[at].body;
  const size_t before = body->size();
  if (options_.encoding == Encoding::kLines) {
    EncodeLine(event, rate, dataset, body);
  } else {
    const size_t separator = drafts_[at].batch->events.empty() ? 0 : 1;
    if (separator != 0) body->push_back(',');
    size_t members = 0;
    Encode(event, rate, body, &members);
    const std::string_view text = std::string_view(*body).substr(before + separator);
    if (const std::string_view reason = Refusal(event, text.size(), members); !reason.empty()) {
      DeadLetter letter{place.file,        place.begin, std::string(reason), 0,
                        std::string(text), true,        std::string(dataset)};
      body->resize(before);
      RunIn(at, place).dead_letters++;
      drafts_[at].batch->dead_letters.push_back(std::move(letter));
      return;
    }
    if (separator != 0 && body->size() + 1 > options_.max_body) {
      // Does not fit: it becomes the first of the next batch.
      Cut(dataset);
      const size_t next = OpenDraft(dataset);
      drafts_[next].body.append(drafts_[at].body, before + separator);
      drafts_[at].body.resize(before);
      at = next;
      body = &drafts_[at].body;
    }
  }
  Run& run = RunIn(at, place);
  ++run.events;
  Batch& batch = *drafts_[at].batch;
  const size_t newline = options_.encoding == Encoding::kLines ? 1 : 0;
  batch.events.push_back({static_cast<uint32_t>(body->size() - newline),
                          static_cast<uint32_t>(batch.runs.size() - 1), place.begin});
  if (body->size() >= options_.target_body || batch.events.size() >= options_.max_events) {
    Cut(dataset);
  }
}

void Batcher::AddFiltered(const RecordPlace& place) { ++RunForOther(place).filtered; }

void Batcher::AddSampledOut(const RecordPlace& place) { ++RunForOther(place).sampled_out; }

void Batcher::AddDeadLetter(const RecordPlace& place, std::string_view reason,
                            std::string_view record) {
  ++RunForOther(place).dead_letters;
  const size_t draft = LastRunOf(place.file).draft;
  drafts_[draft].batch->dead_letters.push_back(
      {place.file, place.begin, std::string(reason), 0, std::string(record)});
}

void Batcher::AllowResume(FileKey file, std::string state) {
  const LastRun& last = LastRunOf(file);
  if (last.draft == kNone) return;
  Run& run = drafts_[last.draft].batch->runs[last.run];
  run.resumable = true;
  run.state = std::move(state);
}

std::vector<std::unique_ptr<Batch>> Batcher::Finish() {
  if (drafts_.empty()) NewDraft();
  std::vector<std::unique_ptr<Batch>> batches;
  batches.reserve(drafts_.size());
  for (Draft& draft : drafts_) {
    Seal(draft);
    batches.push_back(std::move(draft.batch));
  }
  batches.front()->charge = charge_;
  drafts_.clear();
  last_runs_.clear();
  open_.clear();
  last_open_ = open_.end();
  return batches;
}

Batcher::LastRun& Batcher::LastRunOf(FileKey file) {
  for (LastRun& last : last_runs_) {
    if (last.file == file) return last;
  }
  return last_runs_.emplace_back(file);
}

// The run that takes a record without an event.
Run& Batcher::RunForOther(const RecordPlace& place) {
  size_t draft = LastRunOf(place.file).draft;
  if (draft == kNone) draft = drafts_.empty() ? NewDraft() : drafts_.size() - 1;
  return RunIn(draft, place);
}

// The run of drafts_[draft] that takes `place`: the file's last one if that is there and ends
// where `place` begins, otherwise a new one.
Run& Batcher::RunIn(size_t draft, const RecordPlace& place) {
  Draft& holder = drafts_[draft];
  std::vector<Run>& runs = holder.batch->runs;
  LastRun& last = LastRunOf(place.file);
  // An event belongs to the batch's newest run, which keeps a run's events together.
  const bool extends =
      last.draft == draft && last.run + 1 == runs.size() && runs[last.run].span.end == place.begin;
  if (!extends) {
    last = {place.file, draft, runs.size()};
    runs.push_back({.span = {place.file, place.begin, place.end},
                    .first_event = static_cast<uint32_t>(holder.batch->events.size()),
                    .resumable = place.resumable});
    holder.run_bytes.push_back(place.bytes);
    return runs.back();
  }
  runs[last.run].span.end = place.end;
  runs[last.run].resumable = place.resumable;
  holder.run_bytes[last.run] = place.bytes;
  return runs[last.run];
}

size_t Batcher::NewDraft() {
  Draft draft;
  draft.batch = std::make_unique<Batch>();
  draft.batch->sequence = sequence_;
  draft.batch->compression = compressor_.compression();
  if (!spare_bodies_.empty()) {
    draft.body = std::move(spare_bodies_.back());
    spare_bodies_.pop_back();
  }
  drafts_.push_back(std::move(draft));
  return drafts_.size() - 1;
}

// The draft that takes the next event of `dataset`.
size_t Batcher::OpenDraft(std::string_view dataset) {
  const std::string_view key = options_.encoding == Encoding::kLines ? "" : dataset;
  if (last_open_ != open_.end() && last_open_->first == key) return last_open_->second;
  last_open_ = open_.find(key);
  if (last_open_ != open_.end()) return last_open_->second;

  // A batch that has only records without events so far is taken over.
  const bool blank = drafts_.size() == 1 && drafts_[0].batch->events.empty() && open_.empty() &&
                     drafts_[0].body.empty();
  const size_t at = blank ? 0 : NewDraft();
  Draft& draft = drafts_[at];
  draft.batch->dataset = key;
  if (at == 0) draft.batch->events.reserve(expected_events_);
  if (options_.encoding == Encoding::kEventsApi) draft.body.push_back('[');
  last_open_ = open_.emplace(key, at).first;
  return at;
}

// The next event of `dataset` starts a new batch.
void Batcher::Cut(std::string_view dataset) {
  const auto open = open_.find(options_.encoding == Encoding::kLines ? "" : dataset);
  HC_CHECK(open != open_.end());
  open_.erase(open);
  last_open_ = open_.end();
}

void Batcher::Encode(const Event& event, uint64_t rate, std::string* body, size_t* members) const {
  body->push_back('{');
  if (event.time) AppendTime(*event.time, body);
  if (rate != 1) {
    body->append(R"("samplerate":)");
    AppendNumber(rate, body);
    body->push_back(',');
  }
  body->append(R"("data":)");
  *members = AppendData(event, body);
  body->push_back('}');
}

void Batcher::EncodeLine(const Event& event, uint64_t rate, std::string_view dataset,
                         std::string* body) {
  const size_t begin = body->size();
  body->push_back('{');
  if (event.time) AppendTime(*event.time, body);
  body->append(R"("samplerate":)");
  AppendNumber(rate, body);
  body->append(R"(,"dataset":)");
  AppendJsonString(dataset, body);
  body->append(R"(,"data":)");
  AppendData(event, body);
  body->push_back('}');
  // In valid JSON a line break can only be white space between tokens of verbatim text.
  std::replace(body->begin() + static_cast<ptrdiff_t>(begin), body->end(), '\n', ' ');
  body->push_back('\n');
}

// Why the API would refuse an event of that many bytes and fields, or "".
std::string_view Batcher::Refusal(const Event& event, size_t size, size_t members) const {
  if (event.fields().empty() && event.verbatim().empty()) return "event without fields";
  if (members > kMaxFields) return "more than 2,000 fields";
  if (size > std::min(kMaxEvent, options_.max_body - 2)) return "event over 1 MB";
  return {};
}

void Batcher::Seal(Draft& draft) {
  Batch& batch = *draft.batch;
  if (!batch.events.empty() && options_.encoding == Encoding::kEventsApi) draft.body.push_back(']');
  if (batch.events.empty()) {
    draft.body.clear();
  } else {
    batch.body = compressor_.Pack(draft.body);
  }
  batch.unpacked_size = draft.body.size();
  batch.parts = static_cast<uint32_t>(drafts_.size());
  for (size_t i = 0; i < batch.runs.size(); ++i) {
    std::string_view tail = draft.run_bytes[i];
    const uint64_t covered = batch.runs[i].span.end;
    tail = tail.substr(tail.size() - std::min<uint64_t>({tail.size(), covered, kTailLimit}));
    batch.runs[i].tail_hash = HashBytes(tail);
    batch.runs[i].tail_length = static_cast<uint32_t>(tail.size());
  }
  if (&draft == drafts_.data()) expected_events_ = batch.events.size();
  draft.body.clear();
  if (spare_bodies_.size() < kSpareBodies) spare_bodies_.push_back(std::move(draft.body));
}

}  // namespace hctail
