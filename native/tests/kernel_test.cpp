// The kernel of every instruction set against a plain loop in long double. Every array is of
// its exact size, on the heap: AddressSanitizer sees whoever reads a number too far.
#include <memory>
#include <string>
#include <vector>

#include "../passes.hpp"
#include "../paths.hpp"
#include "check.hpp"

namespace bactrian::tests {
void test_kernel();
}

namespace {

using namespace bactrian;
using tests::check;
using Long = long double;
using Longs = std::vector<Long>;

struct Shape {
    Structure structure;
    int d, k;
    std::int64_t n;
    int layout;  // 0 C; 1 wider rows; 2 every second column; 3 backwards; 4 Fortran
    bool weighted;
};

template <class T> struct Problem {
    Shape shape;
    std::vector<T> values;  // exactly from the first number that is read to the last one
    Rows rows;
    std::vector<double> weights, means, origins, factors, log_constants;
    Mixture mixture;

    explicit Problem(const Shape& s) : shape(s) {
        tests::Random random(static_cast<std::uint64_t>(s.d * 1009 + s.k * 31 + s.n));
        const int d = s.d, k = s.k;
        for (int i = 0; i < k * d; ++i) means.push_back(5 + 2 * random.normal());
        for (const double mean : means) origins.push_back(mean + 0.3 * random.normal());
        const bool matrix = s.structure == Structure::full || s.structure == Structure::tied;
        const int n_factors = s.structure == Structure::tied ? 1 : k;
        const int columns = s.structure == Structure::spherical ? 1 : d;
        for (int c = 0; c < n_factors; ++c) {
            for (int i = 0; matrix && i < d; ++i) {
                for (int j = 0; j < d; ++j) {
                    factors.push_back(i > j ? 0 : i == j ? random.between(0.5, 2)
                                                         : 0.5 * random.normal() / d);
                }
            }
            for (int i = 0; !matrix && i < columns; ++i) factors.push_back(random.between(0.5, 2));
        }
        for (int c = 0; c < k; ++c) log_constants.push_back(random.between(-3, 0));
        if (k > 2) log_constants[1] = -std::numeric_limits<double>::infinity();
        for (std::int64_t i = 0; i < s.n; ++i) weights.push_back(random.between(0.1, 3));
        place(random);
        mixture = {s.structure, k, d, means.data(), origins.data(), factors.data(),
                   log_constants.data()};
    }

    void place(tests::Random& random) {
        const std::int64_t n = shape.n, d = shape.d;
        std::int64_t by_row = d, by_column = 1, first = 0, size = n * d;
        if (shape.layout == 1) by_row = d + 3, size = (n - 1) * by_row + d;
        if (shape.layout == 2) by_row = 2 * d, by_column = 2, size = (n - 1) * by_row + 2 * d - 1;
        if (shape.layout == 3) by_row = -d, first = (n - 1) * d;
        if (shape.layout == 4) by_row = 1, by_column = n;
        values.assign(static_cast<std::size_t>(size), T(-1e30));
        values.shrink_to_fit();
        for (std::int64_t i = 0; i < n; ++i) {
            const auto c = static_cast<std::int64_t>(random.uniform() * shape.k);
            for (std::int64_t j = 0; j < d; ++j) {
                const double mean = means[static_cast<std::size_t>(c * d + j)];
                values[static_cast<std::size_t>(first + i * by_row + j * by_column)] =
                    static_cast<T>(mean + random.normal());
            }
        }
        rows = {values.data() + first, sizeof(T) == 4, n,        shape.d, by_row,
                by_column,             shape.weighted ? weights.data() : nullptr};
    }

    Long x(std::int64_t i, int j) const {
        return static_cast<const T*>(rows.values)[i * rows.row_stride + j * rows.column_stride];
    }
    Long factor(int c, int i, int j) const {
        const auto d = static_cast<std::size_t>(shape.d);
        const auto ci = static_cast<std::size_t>(c), ii = static_cast<std::size_t>(i);
        switch (shape.structure) {
            case Structure::full: return factors[(ci * d + ii) * d + static_cast<std::size_t>(j)];
            case Structure::tied: return factors[ii * d + static_cast<std::size_t>(j)];
            case Structure::diag: return i == j ? factors[ci * d + ii] : 0;
            default: return i == j ? factors[ci] : 0;
        }
    }
};

// Sums of the plain loop, and of the sizes of their terms.
struct Plain {
    Longs log_density, resp, resp_sum, first, second, sizes_first, sizes_second;
    Long log_likelihood = 0, size = 0, weight = 0;

    template <class T> explicit Plain(const Problem<T>& p) {
        const int d = p.shape.d, k = p.shape.k;
        const std::size_t n_second = p.factors.size();
        resp_sum.assign(k, 0), first.assign(k * d, 0), sizes_first = first;
        second.assign(n_second, 0), sizes_second = second;
        Longs logs(k);
        for (std::int64_t i = 0; i < p.shape.n; ++i) {
            Long highest = -std::numeric_limits<Long>::infinity(), total = 0;
            for (int c = 0; c < k; ++c) {
                logs[c] = p.log_constants[c];
                for (int j = 0; j < d; ++j) {
                    Long z = 0;
                    for (int l = 0; l <= j; ++l) {
                        z += (p.x(i, l) - p.means[c * d + l]) * p.factor(c, l, j);
                    }
                    logs[c] -= z * z / 2;
                }
                highest = std::max(highest, logs[c]);
            }
            for (int c = 0; c < k; ++c) total += std::exp(logs[c] - highest);
            const Long w = p.shape.weighted ? p.weights[i] : 1;
            log_density.push_back(highest + std::log(total));
            log_likelihood += w * log_density.back(), weight += w;
            size += w * std::fabs(log_density.back());
            for (int c = 0; c < k; ++c) {
                resp.push_back(std::exp(logs[c] - highest) / total);
                if (resp.back() > 0) add(p, i, c, w * resp.back());
            }
        }
    }

    template <class T> void add(const Problem<T>& p, std::int64_t i, int c, Long r) {
        const int d = p.shape.d;
        const Structure structure = p.shape.structure;
        resp_sum[c] += r;
        for (int a = 0; a < d; ++a) {
            const Long y = p.x(i, a) - p.origins[c * d + a];
            first[c * d + a] += r * y, sizes_first[c * d + a] += r * std::fabs(y);
            if (structure == Structure::diag || structure == Structure::spherical) {
                const int at = structure == Structure::diag ? c * d + a : c;
                second[at] += r * y * y, sizes_second[at] += r * y * y;
                continue;
            }
            for (int b = 0; b < d; ++b) {
                const Long t = r * y * (p.x(i, b) - p.origins[c * d + b]);
                const int at = ((structure == Structure::full ? c : 0) * d + a) * d + b;
                second[at] += t, sizes_second[at] += std::fabs(t);
            }
        }
    }
};

template <class A>
void near(const A& got, const Longs& wanted, const Longs& sizes, Long relative, const Shape& s,
          const char* path, const char* what) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Long off = std::fabs(static_cast<Long>(got[i]) - wanted[i]);
        check(off <= relative * (std::fabs(sizes[i]) + 1e-3L),
              "%s: %s[%zu] is %Lg off; structure %d, D %d, K %d, N %d, layout %d, weights %d",
              path, what, i, off, static_cast<int>(s.structure), s.d, s.k, static_cast<int>(s.n),
              s.layout, s.weighted);
    }
}

template <class T> void compare(const std::string& path, const Problem<T>& p, const Plain& plain) {
    const Shape& s = p.shape;
    const Long relative = sizeof(T) == 8 ? 2e-13L : 1e-4L;
    const char* name = path.c_str();
    Stop never([] { return false; });
    const auto estep = new_estep(path, p.mixture, sizeof(T) == 4, never);
    const auto k = static_cast<std::size_t>(s.k), n = static_cast<std::size_t>(s.n);
    std::vector<double> resp_sum(k), first(p.means.size()), second(p.factors.size());
    Statistics sums{resp_sum.data(), first.data(), second.data(), 0, 0, 0};
    check(accumulate(*estep, p.rows, 2, never, sums), "interrupted");
    check(sums.lost == 0, "%s: lost", name);
    near(resp_sum, plain.resp_sum, plain.resp_sum, relative, s, name, "resp_sum");
    near(first, plain.first, plain.sizes_first, relative, s, name, "first");
    near(second, plain.second, plain.sizes_second, relative * (s.d + 10), s, name, "second");
    near(&sums.log_likelihood, {plain.log_likelihood}, {plain.size}, relative, s, name, "sum");
    near(&sums.weight, {plain.weight}, {plain.weight}, relative, s, name, "weight");

    std::vector<T> density(n), resp(n * k);
    std::vector<std::int64_t> labels(n);
    bool lost = true;
    check(evaluate(*estep, p.rows, 2, never, {density.data(), resp.data(), labels.data()}, lost),
          "interrupted");
    check(!lost, "%s: lost", name);
    near(density, plain.log_density, plain.log_density, relative, s, name, "density");
    near(resp, plain.resp, Longs(n * k, 1), relative, s, name, "resp");
    for (std::size_t i = 0; i < n; ++i) {
        const auto label = static_cast<std::size_t>(labels[i]);
        bool best = label < k;
        for (std::size_t c = 0; best && c < k; ++c) {
            best = plain.resp[i * k + label] >= plain.resp[i * k + c] - 10 * relative;
        }
        check(best, "%s: label %zu of row %zu", name, label, i);
    }
}

template <class T> void on_every_path(const Shape& shape) {
    const Problem<T> problem(shape);
    const Plain plain(problem);
    for (const std::string& path : paths_that_run()) compare(path, problem, plain);
}

}  // namespace

void bactrian::tests::test_kernel() {
    int turn = 0;
    for (const Structure structure :
         {Structure::full, Structure::tied, Structure::diag, Structure::spherical}) {
        for (const int d : {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 16, 17, 33}) {
            for (const int n : {1, 2, 3, 7, 8, 9, 15, 17, 31, 33, 65, 255, 257}) {
                if (d > 9 && n > 65) continue;
                // Layouts, weights and numbers of components take turns.
                const Shape shape{structure, d, 1 + turn % 4, n, turn % 5, turn % 3 == 0};
                ++turn;
                on_every_path<double>(shape);
                on_every_path<float>(shape);
            }
        }
        for (const int layout : {0, 1, 2, 3, 4}) {
            on_every_path<double>({structure, 4, 70, 300, layout, true});
            on_every_path<float>({structure, 10, 70, 150, layout, false});
            on_every_path<double>({structure, 3, 2, 5000, layout, false});
            on_every_path<float>({structure, 12, 2, 1100, layout, true});
        }
    }
}
