// The kernel for one instruction set. Compiled once for each, with BACTRIAN_ISA as its name.
#include "estep_of.hpp"

namespace bactrian::BACTRIAN_ISA {
namespace {

// Up to this many features the triangle is unrolled.
constexpr int most_small = 8;

template <class T, int D> EStep* new_full(const Mixture& mixture, Stop& stop) {
    if constexpr (D > most_small) {
        return new EStepOf<T, FullTiled<T>>(mixture, stop);
    } else {
        if (mixture.n_features == D) return new EStepOf<T, FullSmall<T, D>>(mixture, stop);
        return new_full<T, D + 1>(mixture, stop);
    }
}

template <class T> EStep* new_estep_for(const Mixture& mixture, Stop& stop) {
    switch (mixture.structure) {
        case Structure::full:
            return new_full<T, 1>(mixture, stop);
        case Structure::tied:
            if (Tied<T>::suits(mixture, stop)) return new EStepOf<T, Tied<T>>(mixture, stop);
            return new EStepOf<T, FullTiled<T>>(mixture, stop);
        default:
            return new EStepOf<T, Diagonal<T>>(mixture, stop);
    }
}

}  // namespace

EStep* new_estep(const Mixture& mixture, bool single, Stop& stop) {
    return single ? new_estep_for<float>(mixture, stop) : new_estep_for<double>(mixture, stop);
}

}  // namespace bactrian::BACTRIAN_ISA
