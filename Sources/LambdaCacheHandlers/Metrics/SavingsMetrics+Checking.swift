/// What ``SavingsMetrics`` refuses to begin with.
extension SavingsMetrics {
  static func check(
    _ sets: [[SavingsDimension]], functionName: String, cacheNames: [String]
  ) throws(SavingsMetricsError) {
    guard !sets.isEmpty else {
      throw SavingsMetricsError(
        setting: .dimensionSets, value: "[]", accepted: "at least one set, which may be empty")
    }
    var values: [String: SavingsDimension] = [:]
    for set in sets {
      guard set.count <= MetricNameRules.largestDimensionSet, Set(set).count == set.count else {
        throw SavingsMetricsError(
          setting: .dimensionSets, value: "\(set.map(\.name))",
          accepted: "up to \(MetricNameRules.largestDimensionSet) different dimensions in a set")
      }
      for dimension in set {
        // One line has one value for each name.
        guard values.updateValue(dimension, forKey: dimension.name) ?? dimension == dimension else {
          throw SavingsMetricsError(
            setting: .dimensionName, value: dimension.name, accepted: "one value for each name")
        }
        switch dimension {
        case .functionName: try MetricNameRules.checkDimensionValue(functionName)
        case .cacheName:
          for name in cacheNames { try MetricNameRules.checkDimensionValue(name) }
        case .custom(let name, let value):
          try MetricNameRules.checkDimensionName(name, reserved: reservedNames)
          try MetricNameRules.checkDimensionValue(value)
        }
      }
    }
  }

  /// The memory setting in MB; 0 where there is none, as on a laptop.
  static func memoryMegabytes(
    _ environment: [String: String]
  ) throws(SavingsMetricsError) -> Int {
    guard let text = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] else { return 0 }
    guard let megabytes = Int(text), megabytes > 0 else {
      throw SavingsMetricsError(
        setting: .memorySize, value: text, accepted: "a whole number of MB from 1")
    }
    return megabytes
  }
}
