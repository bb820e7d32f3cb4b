// SPDX-License-Identifier: Apache-2.0
// What somebody who mistyped a word probably meant.
//
// Tested by did_you_mean_test.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hctail {

// Damerau-Levenshtein distance: insertions, deletions, replacements and swaps of neighbours.
size_t EditDistance(std::string_view a, std::string_view b);

// The candidate nearest to `word`, the first of equals, or "" if none is near.  Case and the
// difference of '_' and '-' do not count; a word that begins exactly one candidate means that one.
std::string_view NearestWord(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean 'nginx'?", or "".  `prefix` is put before the candidate: "--".
std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates,
                       std::string_view prefix = {});

}  // namespace hctail
