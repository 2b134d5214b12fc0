/// Repeated measurements of one figure.
struct Samples {
  private(set) var values: [Double] = []

  mutating func append(_ value: Double) {
    values.append(value)
  }

  /// The middle value; of an even number, the mean of the middle two.
  var median: Double {
    precondition(!values.isEmpty, "nothing was measured")
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The least and the greatest value.
  var range: ClosedRange<Double> {
    guard let least = values.min(), let greatest = values.max() else {
      preconditionFailure("nothing was measured")
    }
    return least...greatest
  }

  /// The samples that two figures of the same rounds make together.
  static func combined(
    _ first: Samples, _ second: Samples, by combine: (Double, Double) -> Double
  ) -> Samples {
    Samples(values: zip(first.values, second.values).map(combine))
  }
}
