// k-means of every instruction set against a plain loop in long double. Every array is of its
// exact size, on the heap: AddressSanitizer sees whoever reads a number too far.
#include <algorithm>
#include <string>
#include <vector>

#include "../passes.hpp"
#include "../paths.hpp"
#include "check.hpp"

namespace bactrian::tests {
void test_kmeans();
}

namespace {

using namespace bactrian;
using tests::check;
using Long = long double;
using Longs = std::vector<Long>;

enum class Layout { contiguous, wider, every_second, backwards, fortran, repeated };
enum class Weights { none, some, many_zero };

struct Shape {
    int d, k;
    std::int64_t n;
    Layout layout;
    Weights weighted;
    double place;  // the data lie around it
    bool twins;    // rows and centres come several times
};

template <class T> struct Problem {
    Shape shape;
    std::vector<T> values;  // exactly from the first number that is read to the last one
    std::vector<double> weights, centres, squared;
    Rows rows;
    Centres to;

    explicit Problem(const Shape& s) : shape(s) {
        tests::Random random(static_cast<std::uint64_t>(s.d * 1009 + s.k * 31 + s.n));
        const auto k = static_cast<std::size_t>(s.k), d = static_cast<std::size_t>(s.d);
        for (std::size_t i = 0; i < k * d; ++i) {
            const bool twin = s.twins && i >= d && i / d % 3 != 1;
            centres.push_back(twin ? centres[i - d] : s.place + 3 * random.normal());
        }
        for (std::int64_t i = 0; i < s.n; ++i) {
            const bool zero = s.weighted == Weights::many_zero && random.uniform() < 0.7;
            weights.push_back(zero ? 0 : random.between(0.1, 3));
            squared.push_back(i % 5 == 0 ? std::numeric_limits<double>::infinity()
                                         : random.between(0, 20 * s.d));
        }
        place_rows(random);
        to = {s.k, s.d, centres.data()};
    }

    void place_rows(tests::Random& random) {
        const std::int64_t n = shape.n, d = shape.d;
        std::int64_t by_row = d, by_column = 1, first = 0, size = n * d;
        switch (shape.layout) {
            case Layout::contiguous: break;
            case Layout::wider: by_row = d + 3, size = (n - 1) * by_row + d; break;
            case Layout::every_second:
                by_row = 2 * d, by_column = 2, size = (n - 1) * by_row + 2 * d - 1;
                break;
            case Layout::backwards: by_row = -d, first = (n - 1) * d; break;
            case Layout::fortran: by_row = 1, by_column = n; break;
            case Layout::repeated: by_row = 0, size = d; break;
        }
        values.assign(static_cast<std::size_t>(size), T(-1e30));
        values.shrink_to_fit();
        for (std::int64_t i = 0; i < n; ++i) {
            for (std::int64_t j = 0; j < d; ++j) {
                T& value = values[static_cast<std::size_t>(first + i * by_row + j * by_column)];
                const bool twin = shape.twins && i > 0 && i % 4 != 0;
                const std::int64_t before = first + (i - 1) * by_row + j * by_column;
                value = twin ? values[static_cast<std::size_t>(before)]
                             : static_cast<T>(shape.place + 3 * random.normal());
            }
        }
        const bool weighted = shape.weighted != Weights::none;
        rows = {values.data() + first, sizeof(T) == 4, n, shape.d, by_row, by_column,
                weighted ? weights.data() : nullptr};
    }

    Long x(std::size_t i, std::size_t j) const {
        return static_cast<const T*>(rows.values)[static_cast<std::int64_t>(i) * rows.row_stride +
                                                  static_cast<std::int64_t>(j) *
                                                      rows.column_stride];
    }
    Long weight(std::size_t i) const { return rows.weights ? weights[i] : 1; }
    Long centre(std::size_t c, std::size_t j) const {
        return centres[c * static_cast<std::size_t>(shape.d) + j];
    }
    Long distance(std::size_t i, std::size_t c) const {
        Long total = 0;
        for (std::size_t j = 0; j < static_cast<std::size_t>(shape.d); ++j) {
            const Long y = x(i, j) - centre(c, j);
            total += y * y;
        }
        return total;
    }
};

void near(Long got, Long wanted, Long size, Long relative, const Shape& s, const char* path,
          const char* what) {
    check(std::fabs(got - wanted) <= relative * (std::fabs(size) + 1e-12L),
          "%s: %s is %Lg, not %Lg; D %d, K %d, N %d, layout %d, weights %d, around %g", path, what,
          got, wanted, s.d, s.k, static_cast<int>(s.n), static_cast<int>(s.layout),
          static_cast<int>(s.weighted), s.place);
}

struct Assigned {
    std::vector<std::int64_t> labels;
    std::vector<double> squared, mass, first;
    double inertia = 0;

    template <class T> Assigned(const KMeans& kmeans, const Problem<T>& p, int n_threads)
        : labels(static_cast<std::size_t>(p.shape.n), -7),
          squared(labels.size(), -7),
          mass(static_cast<std::size_t>(p.shape.k), -7),
          first(p.centres.size(), -7) {
        Clusters clusters{mass.data(), first.data(), -7};
        const Stop never([] { return false; });
        check(assign(kmeans, p.rows, n_threads, never, {labels.data(), squared.data()}, &clusters),
              "stopped");
        inertia = clusters.inertia;
    }
    bool operator==(const Assigned& other) const {
        return labels == other.labels && squared == other.squared && mass == other.mass &&
               first == other.first && inertia == other.inertia;
    }
};

template <class T>
void compare_assigned(const KMeans& kmeans, const Problem<T>& p, Long relative, const char* path) {
    const Shape& s = p.shape;
    const auto n = static_cast<std::size_t>(s.n), k = static_cast<std::size_t>(s.k);
    const auto d = static_cast<std::size_t>(s.d);
    const Assigned got(kmeans, p, 1);
    check(got == Assigned(kmeans, p, 3), "%s: other bits on 3 threads", path);
    Longs mass(k), first(k * d), sizes(k * d);
    Long inertia = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const auto label = static_cast<std::size_t>(got.labels[i]);
        check(label < k, "%s: the label %zu of %zu", path, label, k);
        if (label >= k) return;
        Long nearest = p.distance(i, 0);
        for (std::size_t c = 1; c < k; ++c) nearest = std::min(nearest, p.distance(i, c));
        near(p.distance(i, label), nearest, nearest, relative, s, path, "the nearest");
        for (std::size_t c = 0; c < label; ++c) {
            const bool twin = std::equal(p.centres.begin() + static_cast<std::ptrdiff_t>(c * d),
                                         p.centres.begin() + static_cast<std::ptrdiff_t>(c * d + d),
                                         p.centres.begin() + static_cast<std::ptrdiff_t>(label * d));
            check(!twin, "%s: label %zu, and not the equal one %zu before it", path, label, c);
        }
        near(got.squared[i], nearest, nearest, relative, s, path, "squared");
        mass[label] += p.weight(i), inertia += p.weight(i) * nearest;
        for (std::size_t j = 0; j < d; ++j) {
            const Long term = p.weight(i) * (p.x(i, j) - p.centre(label, j));
            first[label * d + j] += term, sizes[label * d + j] += std::fabs(term);
        }
    }
    near(got.inertia, inertia, inertia, relative, s, path, "inertia");
    for (std::size_t c = 0; c < k; ++c) near(got.mass[c], mass[c], mass[c], relative, s, path, "mass");
    for (std::size_t i = 0; i < k * d; ++i) {
        near(got.first[i], first[i], sizes[i], relative, s, path, "first");
    }
    std::vector<std::int64_t> labels(n, -7);
    const Stop never([] { return false; });
    check(assign(kmeans, p.rows, 2, never, {labels.data(), nullptr}, nullptr), "stopped");
    check(labels == got.labels, "%s: other labels where nothing else is wanted", path);
}

template <class T>
void compare_approached(const KMeans& kmeans, const Problem<T>& p, Long relative,
                        const char* path) {
    const auto n = static_cast<std::size_t>(p.shape.n), k = static_cast<std::size_t>(p.shape.k);
    std::vector<double> closer(k * n, -7), potential(k, -7), again(k * n), sums(k);
    const Stop never([] { return false; });
    const double* squared = p.squared.data();
    check(approach(kmeans, p.rows, 1, never, squared, closer.data(), potential.data()), "stopped");
    check(approach(kmeans, p.rows, 3, never, squared, again.data(), sums.data()), "stopped");
    check(closer == again && potential == sums, "%s: other bits on 3 threads", path);
    for (std::size_t c = 0; c < k; ++c) {
        Long total = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const Long wanted = std::min<Long>(squared[i], p.distance(i, c));
            near(closer[c * n + i], wanted, wanted, relative, p.shape, path, "closer");
            total += p.weight(i) * wanted;
        }
        near(potential[c], total, total, relative, p.shape, path, "potential");
    }
}

template <class T> void on_every_path(const Shape& shape) {
    const Problem<T> problem(shape);
    const Long relative = sizeof(T) == 8 ? 1e-14L * (shape.d + 20) : 1e-6L * (shape.d + 20);
    for (const std::string& path : paths_that_run()) {
        const auto kmeans = new_kmeans(path, problem.to, sizeof(T) == 4);
        compare_assigned(*kmeans, problem, relative, path.c_str());
        compare_approached(*kmeans, problem, relative, path.c_str());
    }
}

}  // namespace

void bactrian::tests::test_kmeans() {
    constexpr Layout layouts[] = {Layout::contiguous, Layout::wider,   Layout::every_second,
                                  Layout::backwards,  Layout::fortran, Layout::repeated};
    constexpr Weights weights[] = {Weights::none, Weights::some, Weights::many_zero};
    int turn = 0;
    for (const int d : {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 37}) {
        for (const int k : {1, 2, 5, 70}) {
            for (const int n : {1, 2, 7, 16, 33, 65, 257}) {
                // Layouts, weights, places and twins take turns.
                const Shape shape{d, k, n, layouts[turn % 6], weights[turn % 3],
                                  turn % 5 == 0 ? 1e6 : 0.0, turn % 4 == 0};
                ++turn;
                on_every_path<double>(shape);
                // In float the rows themselves are rounded: far out they are all twins.
                on_every_path<float>(shape);
            }
        }
    }
    for (const Layout layout : layouts) {  // enough for several parts and threads
        on_every_path<double>({3, 4, 30000, layout, Weights::some, 0.0, false});
        on_every_path<float>({37, 3, 5000, layout, Weights::many_zero, 0.0, true});
    }
}
