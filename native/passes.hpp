// A pass over the rows: cut into parts, worked on by threads, put together in order.
#pragma once

#include "kmeans.hpp"

namespace bactrian {

// The statistics of all rows. The cut depends on the mixture and the number of rows alone, and
// the parts are added in their order: the result is the same on any number of threads.
// Returns false if stopped.
bool accumulate(const EStep& estep, const Rows& rows, int n_threads, Stop stop,
                Statistics& statistics);

// Draws a component for each row; the statistics are those of the rows of each. Returns false if
// stopped.
bool draw(const EStep& estep, const Rows& rows, int n_threads, Stop stop, const Draw& drawn,
          Statistics& statistics);

// Results for each row; `lost` tells whether there is a lost one. Returns false if stopped.
bool evaluate(const EStep& estep, const Rows& rows, int n_threads, Stop stop,
              const RowResults& results, bool& lost);

// The nearest centre of each row and, unless null, sums over the clusters. Returns false if
// stopped.
bool assign(const KMeans& kmeans, const Rows& rows, int n_threads, Stop stop,
            const Nearest& nearest, Clusters* clusters);

// Squared distances `closer` (K, n) if each centre were added, and their sums by weight,
// `potential` (K). Returns false if stopped.
bool approach(const KMeans& kmeans, const Rows& rows, int n_threads, Stop stop,
              const double* squared, double* closer, double* potential);

}  // namespace bactrian
