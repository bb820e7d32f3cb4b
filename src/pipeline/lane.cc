// SPDX-License-Identifier: Apache-2.0
#include "pipeline/lane.h"

#include <algorithm>
#include <array>

namespace hctail {
namespace {
constexpr std::array<std::string_view, 3> kWrappers = {"none", "docker", "cri"};
constexpr std::string_view kNoted = " ?\n";
}  // namespace

// "csv none\n"
std::string SavedFormat(const Format& format) {
  return std::string(format.parser->name) + " " +
         std::string(kWrappers[static_cast<size_t>(format.wrapper)]) + "\n";
}

std::optional<Format> TakeSavedFormat(std::string_view* saved) {
  const size_t space = saved->find(' ');
  const size_t newline = saved->find('\n');
  if (newline == std::string_view::npos || space > newline) return std::nullopt;
  Format format{.parser = FindParser(saved->substr(0, space))};
  const auto wrapper = std::ranges::find(kWrappers, saved->substr(space + 1, newline - space - 1));
  if (format.parser == nullptr || wrapper == kWrappers.end()) return std::nullopt;
  format.wrapper = static_cast<Wrapper>(wrapper - kWrappers.begin());
  saved->remove_prefix(newline + 1);
  return format;
}

// "json none ?\n"
std::string NotedFormat(const Format& format) {
  std::string noted = SavedFormat(format);
  noted.replace(noted.size() - 1, 1, kNoted);
  return noted;
}

std::optional<Format> ReadSavedFormat(std::string_view saved) {
  if (!saved.ends_with(kNoted)) return TakeSavedFormat(&saved);
  const std::string sure = std::string(saved.substr(0, saved.size() - kNoted.size())) + "\n";
  std::string_view text = sure;
  return TakeSavedFormat(&text);
}

bool Turnstile::Enter(Lane& lane, uint64_t turn) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [&] { return aborted_ || lane.turn == turn || lane.shared_format != nullptr; });
  return !aborted_;
}

void Turnstile::Leave(Lane& lane) {
  {
    const std::lock_guard lock(mutex_);
    ++lane.turn;
  }
  changed_.notify_all();
}

void Turnstile::Abort() {
  {
    const std::lock_guard lock(mutex_);
    aborted_ = true;
  }
  changed_.notify_all();
}

}  // namespace hctail
