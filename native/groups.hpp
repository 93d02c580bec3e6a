// Moments of rows that belong to groups, wholly or by shares: what starts are made of.
#pragma once

#include <cstdint>

#include "mstep.hpp"

namespace bactrian {

// Rows, contiguous.
struct Table {
    const double* values;   // (n, D)
    const double* weights;  // (n)
    std::int64_t n_rows;
    int n_features;
};

// Moments of each group about its mean; of one without rows, all 0 about 0.
struct GroupMoments {
    double* mass;    // (K)
    double* means;   // (K, D)
    double* first;   // (K, D), what rounding leaves
    double* second;  // (K, D, D), (1, D, D), (K, D) or (K, 1)
};

// Of groups that the rows belong to, labelled from 0 to K - 1.
void gather(Structure structure, const Table& rows, const std::int64_t* labels, int n_groups,
            const GroupMoments& to);

// Of groups of which the rows have shares, (n, K).
void gather(Structure structure, const Table& rows, const double* shares, int n_groups,
            const GroupMoments& to);

// Units in which rows are given, and where these begin: back to those of the data by x units +
// place.
struct Units {
    const double* place;  // (D)
    const double* units;  // (D)
};

// Writes the mixture of groups in the units of the data: each with its share, at least `one_row`,
// its mean and its covariance. Returns false if a group has no rows, or a covariance is not above
// diag(lowest), in the units of the rows.
bool settle(Structure structure, int n_groups, int n_features, const GroupMoments& moments,
            const double* lowest, const Units& units, double one_row, const Maximisers& to);

}  // namespace bactrian
