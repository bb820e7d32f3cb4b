// SPDX-License-Identifier: Apache-2.0
// The options about sampling, and what they mean together.
//
// honeytail's names mean what they mean there: --samplerate alone keeps one in so many,
// --dynsampling makes it an average per kind of event (avg-with-min), --deterministic-sampling
// decides by a field's hash, --presampled samples nothing.  --sampler chooses another algorithm.
//
// Functions only.  Tested by sample_options_test.cc.
#pragma once

#include <span>

#include "base/option.h"
#include "base/result.h"
#include "sample/sample_plan.h"

namespace hctail {

// For the table of all options, category "Sampling".  Static lifetime.
std::span<const OptionSpec> SampleOptions();

// Reads the rules file if one is named.  Error: a value is wrong, or two contradict each other.
Result<SampleConfig> MakeSampleConfig(const OptionValues& values);

}  // namespace hctail
