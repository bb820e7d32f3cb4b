// SPDX-License-Identifier: Apache-2.0
// How one sampler serves many workers without a lock for each event.
//
// The shared side holds the truth: for each key its count in the current window and its rate.  Each
// worker holds a mirror of it, indexed by the same slots: a key is found, counted and given its
// rate there, and no other thread is asked.  The mirror locks the shared side
//   * when an event's time lies outside the window it knows: counts are handed over, the window is
//     ended if no other worker has done so, and the new rates are copied;
//   * after 1,024 events, to hand its counts over, so that they belong to the window they came in
//   and
//     a burst is noticed (less if a burst is near);
//   * when it meets a key that it does not know while the table has room.
// That is at most a few locks in a thousand events.  A worker that sees no event of a new window
// hands its last counts over late; they then count in the window after.
//
// Lanes.  A backfill reads several files at once, or several chunks of one, and their times lie
// apart: a window must not end because some other worker is already at the next day.  So a sampler
// has up to eight lanes, each a place in time with its own window, counts and rates.  An event
// belongs to the lane that was there last before it, or to one that is at most eight windows ahead
// (lines are not quite in order; such an event counts in the lane's current window).  If there is
// none, a lane is opened with the rates of the nearest, and the one that was idle longest is
// closed.  While tailing, time is the wall clock and there is one lane.  Lines whose times jump
// about at random cannot open lanes without end: once there are eight, one is replaced at most
// every 4,096 events, and what finds no lane belongs to the nearest.
//
// So a goal in events a second holds for each lane by itself: two files of the same hour, read one
// after the other, each have it.
#include "sample/shared_sampler.h"

#include <algorithm>

#include "base/check.h"

namespace hctail {
namespace {

constexpr int64_t kLateWindows = 8;
constexpr uint64_t kEventsPerLane = 4096;
constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
constexpr int64_t kLast = std::numeric_limits<int64_t>::max();

// `time` and so many windows; that lies not after an event's time, so only the way there can
// overflow.
int64_t Later(int64_t time, int64_t windows, int64_t window) {
  return static_cast<int64_t>(static_cast<uint64_t>(time) +
                              static_cast<uint64_t>(windows) * static_cast<uint64_t>(window));
}
int64_t Later(int64_t time, int64_t by) { return time > kLast - by ? kLast : time + by; }
int64_t Earlier(int64_t time, int64_t by) { return time < kFirst + by ? kFirst : time - by; }

// At least a millisecond, unless there is none.
int64_t WindowOf(const Sampler& sampler) {
  const int64_t window = sampler.window().count();
  return window == 0 ? 0 : std::max<int64_t>(window, 1'000'000);
}

uint64_t Distance(int64_t a, int64_t b) {
  return a > b ? static_cast<uint64_t>(a) - static_cast<uint64_t>(b)
               : static_cast<uint64_t>(b) - static_cast<uint64_t>(a);
}

}  // namespace

SharedSampler::Lane::Lane(const Lane& other, int64_t when)
    : keys(other.keys), sampler(other.sampler->Clone()), begin(when) {
  for (KeyState& key : keys.slots()) key.count = 0;
}

SharedSampler::SharedSampler(std::unique_ptr<Sampler> sampler, size_t max_keys)
    : max_keys_(max_keys), window_(WindowOf(*sampler)) {
  auto lane = std::make_shared<Lane>(max_keys);
  sampler->Begin(&lane->keys);
  lane->sampler = std::move(sampler);
  lanes_.push_back(std::move(lane));
}

int64_t SharedSampler::UntilOf(const Lane& lane) const {
  return window_ == 0 ? kLast : Later(lane.begin, window_);
}

int64_t SharedSampler::FromOf(const Lane& lane) const {
  if (window_ == 0) return kFirst;
  return Earlier(lane.begin, window_ > kLast / kLateWindows ? kLast : kLateWindows * window_);
}

std::shared_ptr<SharedSampler::Lane> SharedSampler::NearestLane(int64_t when) {
  const auto before_all = [&](const Lane& lane) { return when < FromOf(lane); };
  return *std::ranges::min_element(lanes_, [&](const auto& a, const auto& b) {
    return std::pair(before_all(*a), Distance(a->begin, when)) <
           std::pair(before_all(*b), Distance(b->begin, when));
  });
}

std::shared_ptr<SharedSampler::Lane> SharedSampler::OpenLane(int64_t when, Lane* from) {
  auto lane = std::make_shared<Lane>(*from, when);
  if (lanes_.size() < kMaxLanes) {
    lanes_.push_back(lane);
    return lane;
  }
  const auto idle = std::ranges::min_element(lanes_, {}, [](const auto& l) { return l->used; });
  (*idle)->closed = true;
  *idle = lane;
  opened_at_ = seen_;
  return lane;
}

std::shared_ptr<SharedSampler::Lane> SharedSampler::LaneAt(int64_t when) {
  if (!begun_) {
    begun_ = true;
    lanes_.front()->begin = when;
  }
  std::shared_ptr<Lane> lane = NearestLane(when);
  const bool late = when < FromOf(*lane);
  if (late && (lanes_.size() < kMaxLanes || seen_ - opened_at_ >= kEventsPerLane)) {
    lane = OpenLane(when, lane.get());
  }
  lane->used = ++calls_;
  if (window_ > 0 && when >= UntilOf(*lane)) {
    const auto windows =
        static_cast<int64_t>(Distance(when, lane->begin) / static_cast<uint64_t>(window_));
    EndWindow(lane.get(), windows, false);
    lane->begin = Later(lane->begin, windows, window_);
  }
  if (lane->total >= lane->sampler->burst_threshold()) {
    EndWindow(lane.get(), 1, true);
    lane->begin = std::max(lane->begin, when);
  }
  return lane;
}

void SharedSampler::EndWindow(Lane* lane, int64_t windows, bool burst) {
  KeyTable& keys = lane->keys;
  lane->sampler->EndWindow({windows, burst, lane->expected_kept}, &keys);
  const bool crowded = keys.full() && keys.shared().count > 0;
  for (uint32_t slot = 0; slot < keys.slots().size(); ++slot) {
    KeyState& key = keys.slots()[slot];
    key.count = 0;
    if (slot != KeyTable::kShared && key.serial != 0 && key.rate == 0) keys.Release(slot);
  }
  if (crowded && keys.full()) keys.ReleaseRarest();
  window_seen_ = static_cast<uint64_t>(lane->total);
  window_kept_ = lane->kept;
  lane->total = 0;
  lane->expected_kept = 0;
  lane->kept = 0;
  ++lane->version;
}

const SharedSampler::Lane& SharedSampler::latest() const {
  return **std::ranges::max_element(lanes_, {}, [](const auto& lane) { return lane->used; });
}

SamplerReport SharedSampler::Report(size_t top) const {
  const std::lock_guard lock(mutex_);
  const Lane& lane = latest();
  SamplerReport report{.goal = lane.sampler->Goal(),
                       .seen = seen_,
                       .kept = kept_,
                       .window_seen = window_seen_,
                       .window_kept = window_kept_,
                       .keys = lane.keys.size(),
                       .shared = lane.keys.shared().expected,
                       .shared_rate = lane.keys.shared().rate};
  for (const KeyState& key : lane.keys.slots()) {
    if (key.serial == 0 || &key == &lane.keys.shared()) continue;
    report.folded += key.folded ? 1 : 0;
    if (key.rate > 0) report.top.push_back({key.name, key.rate, key.expected});
  }
  const auto frequent = [](const SamplerReport::Key& key) {
    return std::pair(-key.expected, std::string_view(key.name));
  };
  const size_t shown = std::min(top, report.top.size());
  std::ranges::partial_sort(report.top, report.top.begin() + static_cast<ptrdiff_t>(shown),
                            std::ranges::less(), frequent);
  report.top.resize(shown);
  return report;
}

SamplerState SharedSampler::Save() const {
  const std::lock_guard lock(mutex_);
  const Lane& lane = latest();
  SamplerState state{.sampler = lane.sampler->State(), .keys = {}};
  if (window_ == 0) return state;  // its rates come from the options
  for (const KeyState& key : lane.keys.slots()) {
    const bool shared = &key == &lane.keys.shared();
    if (shared || (key.serial != 0 && key.rate > 0)) state.keys.push_back(key);
  }
  return state;
}

bool SharedSampler::Restore(const SamplerState& state) {
  const std::lock_guard lock(mutex_);
  HC_CHECK(!begun_);
  Lane& lane = *lanes_.front();
  if (state.keys.empty() || !lane.sampler->SetState(state.sampler)) return false;
  for (size_t i = 0; i < state.keys.size(); ++i) {
    const KeyState& saved = state.keys[i];
    const uint32_t slot = i == 0 ? KeyTable::kShared : lane.keys.FindOrAdd(saved.name);
    if (i > 0 && slot == KeyTable::kShared) break;  // the limit is lower now
    KeyState& key = lane.keys.slots()[slot];
    key.average = saved.average;
    key.expected = saved.expected;
    key.rate = saved.rate;
  }
  return true;
}

}  // namespace hctail
