#include "groups.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "chart.hpp"
#include "floor.hpp"
#include "triangular.hpp"

namespace bactrian {
namespace {

// Calls each(row, group, weight) wherever a row has weight in a group.
struct Labels {
    const Table& rows;
    const std::int64_t* labels;
    template <class Each> void operator()(Each each) const {
        for (std::int64_t i = 0; i < rows.n_rows; ++i) {
            each(rows.values + i * rows.n_features, static_cast<int>(labels[i]), rows.weights[i]);
        }
    }
};

struct Shares {
    const Table& rows;
    const double* shares;
    int n_groups;
    template <class Each> void operator()(Each each) const {
        for (std::int64_t i = 0; i < rows.n_rows; ++i) {
            const double* row = rows.values + i * rows.n_features;
            for (int k = 0; k < n_groups; ++k) {
                const double share = shares[i * n_groups + k] * rows.weights[i];
                if (share != 0) each(row, k, share);
            }
        }
    }
};

// Adds a row's part in the second moments, a triangle of those that are matrices.
void add_square(Structure structure, int d, const double* from_mean, double share,
                double* second) {
    switch (structure) {
        case Structure::full:
        case Structure::tied:
            for (int i = 0; i < d; ++i) {
                const double weighted = share * from_mean[i];
                for (int j = 0; j <= i; ++j) second[i * d + j] += weighted * from_mean[j];
            }
            return;
        case Structure::diag:
            for (int i = 0; i < d; ++i) second[i] += share * from_mean[i] * from_mean[i];
            return;
        case Structure::spherical:
            for (int i = 0; i < d; ++i) second[0] += share * from_mean[i] * from_mean[i];
    }
}

template <class ForEach>
void gather_each(Structure structure, int d, int n_groups, const GroupMoments& to,
                 const ForEach& for_each) {
    const int n_covariances = covariances_of(structure, n_groups);
    const int size = size_of_covariance(structure, d);
    std::fill_n(to.mass, n_groups, 0.0);
    std::fill_n(to.means, n_groups * d, 0.0);
    std::fill_n(to.first, n_groups * d, 0.0);
    std::fill_n(to.second, n_covariances * size, 0.0);
    for_each([&](const double* row, int k, double share) {
        to.mass[k] += share;
        for (int j = 0; j < d; ++j) to.means[k * d + j] += share * row[j];
    });
    for (int k = 0; k < n_groups; ++k) {
        const double held = to.mass[k] > 0 ? to.mass[k] : 1;
        for (int j = 0; j < d; ++j) to.means[k * d + j] /= held;
    }
    std::vector<double> from_mean(static_cast<std::size_t>(d));
    for_each([&](const double* row, int k, double share) {
        for (int j = 0; j < d; ++j) {
            const double step = row[j] - to.means[k * d + j];
            from_mean[static_cast<std::size_t>(j)] = step;
            to.first[k * d + j] += share * step;
        }
        double* second = to.second + (n_covariances == 1 ? 0 : k * size);
        add_square(structure, d, from_mean.data(), share, second);
    });
    if (structure != Structure::full && structure != Structure::tied) return;
    for (int k = 0; k < n_covariances; ++k) {
        double* second = to.second + k * size;
        for (int i = 0; i < d; ++i) {
            for (int j = 0; j < i; ++j) second[j * d + i] = second[i * d + j];
        }
    }
}

// Writes the factor of a covariance; false where there is none.
bool factorise(Structure structure, int d, const double* covariance, double* factor) {
    if (structure == Structure::full || structure == Structure::tied) {
        if (!cholesky(covariance, d, factor)) return false;
        invert(d, factor);
        return true;
    }
    for (int i = 0; i < (structure == Structure::diag ? d : 1); ++i) {
        if (!(covariance[i] > 0) || !std::isfinite(covariance[i])) return false;
        factor[i] = 1 / std::sqrt(covariance[i]);
    }
    return true;
}

// Gives a covariance and its factor the units of the data.
void stretch(Structure structure, int d, const double* units, double* covariance,
             double* factor) {
    if (structure == Structure::full || structure == Structure::tied) {
        for (int i = 0; i < d; ++i) {
            for (int j = 0; j < d; ++j) {
                covariance[i * d + j] *= units[i] * units[j];
                factor[i * d + j] /= units[i];
            }
        }
        return;
    }
    for (int i = 0; i < (structure == Structure::diag ? d : 1); ++i) {
        covariance[i] *= units[i] * units[i];
        factor[i] /= units[i];
    }
}

}  // namespace

bool settle(Structure structure, int n_groups, int n_features, const GroupMoments& moments,
            const double* lowest, const Units& units, double one_row, const Maximisers& to) {
    const int d = n_features, size = size_of_covariance(structure, d);
    double total = 0, held = 0;
    for (int k = 0; k < n_groups; ++k) {
        if (!(moments.mass[k] > 0)) return false;
        held += moments.mass[k];
        to.weights[k] = std::max(moments.mass[k], one_row);
        total += to.weights[k];
        for (int j = 0; j < d; ++j) {
            to.means[k * d + j] = moments.means[k * d + j] * units.units[j] + units.place[j];
        }
    }
    for (int k = 0; k < n_groups; ++k) to.weights[k] /= total;
    for (int k = 0; k < covariances_of(structure, n_groups); ++k) {
        const double rows = structure == Structure::tied        ? held
                            : structure == Structure::spherical ? d * moments.mass[k]
                                                                : moments.mass[k];
        double *covariance = to.covariances + k * size, *factor = to.factors + k * size;
        for (int i = 0; i < size; ++i) covariance[i] = moments.second[k * size + i] / rows;
        if (!factorise(structure, d, covariance, factor)) return false;
        if (!exceeds(structure, d, covariance, factor, lowest)) return false;
        stretch(structure, d, units.units, covariance, factor);
    }
    return true;
}

void gather(Structure structure, const Table& rows, const std::int64_t* labels, int n_groups,
            const GroupMoments& to) {
    gather_each(structure, rows.n_features, n_groups, to, Labels{rows, labels});
}

void gather(Structure structure, const Table& rows, const double* shares, int n_groups,
            const GroupMoments& to) {
    gather_each(structure, rows.n_features, n_groups, to, Shares{rows, shares, n_groups});
}

}  // namespace bactrian
