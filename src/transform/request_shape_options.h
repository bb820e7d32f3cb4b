// SPDX-License-Identifier: Apache-2.0
// The options about request shapes, which are honeytail's, and what they mean together.
//
// Functions only.  Tested by request_shape_options_test.cc.
#pragma once

#include <span>

#include "base/option.h"
#include "base/result.h"
#include "transform/request_shape.h"

namespace hctail {

// For the table of all options, category "Fields".  Static lifetime.
std::span<const OptionSpec> RequestShapingOptions();

// Error: a pattern is no regular expression, or an option has nothing to work on.
Result<RequestShapeOptions> MakeRequestShapeOptions(const OptionValues& values);

}  // namespace hctail
