// k-means for one instruction set. Compiled once for each, with BACTRIAN_ISA as its name.
#include "kmeans_of.hpp"

namespace bactrian::BACTRIAN_ISA {

KMeans* new_kmeans(const Centres& centres, bool single) {
    if (single) return new KMeansOf<float>(centres);
    return new KMeansOf<double>(centres);
}

}  // namespace bactrian::BACTRIAN_ISA
