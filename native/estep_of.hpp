// The E-step: block after block, for any structure.
#pragma once

#include "diagonal.hpp"
#include "drawing.hpp"
#include "full_small.hpp"
#include "full_tiled.hpp"
#include "tied.hpp"

namespace bactrian::BACTRIAN_ISA {

// What is summed over the rows: log-likelihood (to base 2), weight, lost blocks; then the
// moments of the structure, aligned.
inline constexpr std::size_t header = 8;

template <class T, class Shape> class EStepOf final : public EStep {
  public:
    EStepOf(const Mixture& mixture, Stop& stop)
        : n_components_(mixture.n_components), shape_(mixture, stop), layout_(shape_.layout()) {}

    std::size_t n_moments() const override { return header + shape_.n_moments(); }
    std::size_t scratch_bytes() const override {
        return Block<T>::bytes(layout_) + Scratch::bytes<T>(layout_.capacity) +
               shape_.scratch_bytes();
    }
    std::int64_t block_rows() const override { return layout_.capacity; }

    void accumulate(const Rows& rows, std::int64_t begin, std::int64_t end, void* memory,
                    double* moments, Stop& stop) const override {
        sum_up(rows, begin, end, memory, moments, stop, [&](Block<T>& block, std::int64_t) {
            return soften<T, Shape::selects>(block, n_components_, nullptr);
        });
    }

    void draw(const Rows& rows, std::int64_t begin, std::int64_t end, void* memory,
              const Draw& drawn, double* moments, Stop& stop) const override {
        sum_up(rows, begin, end, memory, moments, stop, [&](Block<T>& block, std::int64_t at) {
            return choose<T, Shape::selects>(block, n_components_, drawn.key, drawn.first + at,
                                             drawn.labels + at);
        });
    }

    void finish(const double* moments, Statistics& statistics, Stop& stop) const override {
        statistics.log_likelihood = log_2 * moments[0];
        statistics.weight = moments[1];
        statistics.lost = static_cast<std::int64_t>(moments[2]);
        shape_.finish(moments + header, statistics, stop);
    }

    bool evaluate(const Rows& rows, std::int64_t begin, std::int64_t end, void* memory,
                  const RowResults& results, Stop& stop) const override {
        Scratch scratch(memory);
        Block<T> block(layout_, scratch);
        T* density = scratch.take<T>(layout_.capacity);
        Rows unweighted = rows;
        unweighted.weights = nullptr;
        bool lost = false;
        for (std::int64_t at = begin; at < end; at += layout_.capacity) {
            read(block, unweighted, at, end);
            shape_.log_densities(block, scratch, stop);
            if (stop.after(work_on(block))) return false;
            if (results.labels) lost |= label(block, results.labels + at);
            if (!results.log_density && !results.resp) continue;
            lost |= soften<T, false>(block, n_components_, density).lost;
            if (results.log_density) {
                T* out = static_cast<T*>(results.log_density) + at;
                for (int i = 0; i < block.n; ++i) out[i] = static_cast<T>(log_2) * density[i];
            }
            if (results.resp) spread(block, static_cast<T*>(results.resp) + at * n_components_);
        }
        return lost;
    }

  private:
    // Adds the moments of some rows, of which share(block, row) says how they are shared.
    template <class Share>
    void sum_up(const Rows& rows, std::int64_t begin, std::int64_t end, void* memory,
                double* moments, Stop& stop, Share share) const {
        Scratch scratch(memory);
        Block<T> block(layout_, scratch);
        for (std::int64_t at = begin; at < end; at += layout_.capacity) {
            read(block, rows, at, end);
            shape_.log_densities(block, scratch, stop);
            const Sums sums = share(block, at);
            shape_.moments(block, scratch, moments + header, stop);
            if (stop.after(work_on(block))) return;
            moments[0] += sums.log_likelihood;
            moments[1] += block.total_weight();
            moments[2] += sums.lost;
        }
    }

    std::int64_t work_on(const Block<T>& block) const {
        return block.size * static_cast<std::int64_t>(shape_.n_moments());
    }

    void read(Block<T>& block, const Rows& rows, std::int64_t at, std::int64_t end) const {
        const std::int64_t left = end - at;
        const int n = left < layout_.capacity ? static_cast<int>(left) : layout_.capacity;
        block.template read<Shape::group, Shape::read_features>(rows, at, n);
    }

    // The most probable component of each row, -1 where there is none; whether there is such.
    bool label(const Block<T>& block, std::int64_t* labels) const {
        bool lost = false;
        for (int i = 0; i < block.n; ++i) {
            const T* log_density = block.shares + i;
            T highest = -__builtin_inf();
            labels[i] = -1;
            for (int k = 0; k < n_components_; ++k, log_density += block.stride) {
                if (*log_density > highest) {
                    highest = *log_density;
                    labels[i] = k;
                }
            }
            if (!(highest < __builtin_inf())) labels[i] = -1;
            lost |= labels[i] < 0;
        }
        return lost;
    }

    // Row after row, squares of lanes by lanes transposed in registers.
    void spread(const Block<T>& block, T* out) const {
        constexpr int W = lanes<T>;
        const std::ptrdiff_t n = n_components_;
        for (int at = 0; at < block.n; at += W) {
            const int rows = block.n - at < W ? block.n - at : W;
            for (int k = 0; k < n_components_; k += W) {
                if (rows == W && k + W <= n_components_) {
                    Vec<T> square[W];
#pragma GCC unroll 16
                    for (int c = 0; c < W; ++c) {
                        square[c] = resp_at<T>(block, block.share(k + c), at);
                    }
                    transpose<T>(square);
#pragma GCC unroll 16
                    for (int r = 0; r < W; ++r) {
                        store_unaligned<T>(out + (at + r) * n + k, square[r]);
                    }
                    continue;
                }
                for (int c = k; c < n_components_ && c < k + W; ++c) {
                    for (int r = at; r < at + rows; ++r) {
                        out[r * n + c] = block.share(c)[r] * block.scale[r];
                    }
                }
            }
        }
    }

    int n_components_;
    Shape shape_;
    Layout layout_;
};

}  // namespace bactrian::BACTRIAN_ISA
