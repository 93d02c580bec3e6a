// A pass over the rows: cut into parts, worked on by threads, put together in order.
#pragma once

#include <functional>

#include "estep.hpp"

namespace bactrian {

// Asked every few milliseconds whether to stop; from the calling thread only.
using Interrupted = std::function<bool()>;

// The statistics of all rows. The cut depends on the mixture and the number of rows alone, and
// the parts are added in their order: the result is the same on any number of threads.
// Returns false if interrupted.
bool accumulate(const EStep& estep, const Rows& rows, int n_threads,
                const Interrupted& interrupted, Statistics& statistics);

// Results for each row; `lost` tells whether there is a lost one. Returns false if interrupted.
bool evaluate(const EStep& estep, const Rows& rows, int n_threads, const Interrupted& interrupted,
              const RowResults& results, bool& lost);

}  // namespace bactrian
