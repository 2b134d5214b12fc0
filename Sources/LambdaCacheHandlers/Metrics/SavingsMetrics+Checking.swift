extension SavingsMetrics {
  /// Checks dimensions, each of which has one value in a line.
  ///
  /// - Parameters:
  ///   - sets: The sets of names.
  ///   - custom: The values of the caller's own dimensions.
  ///   - functionName: The value of `FunctionName`.
  ///   - cacheNames: The values of `CacheName`.
  static func check(
    _ sets: [[String]], custom: [String: String], functionName: String, cacheNames: [String]
  ) throws(SavingsMetricsError) {
    guard !sets.isEmpty else {
      throw SavingsMetricsError(
        setting: .dimensionSets, value: "[]", accepted: "at least one set, which may be empty")
    }
    for set in sets {
      guard set.count <= MetricNameRules.largestDimensionSet, Set(set).count == set.count else {
        throw SavingsMetricsError(
          setting: .dimensionSets, value: "\(set)",
          accepted: "up to \(MetricNameRules.largestDimensionSet) different dimensions in a set")
      }
      for name in set {
        switch name {
        case functionDimension: try MetricNameRules.checkDimensionValue(functionName)
        case cacheDimension:
          for name in cacheNames { try MetricNameRules.checkDimensionValue(name) }
        default:
          guard let value = custom[name] else {
            throw SavingsMetricsError(
              setting: .dimensionName, value: name,
              accepted: "\(functionDimension), \(cacheDimension) and those of dimensions")
          }
          try MetricNameRules.checkDimensionName(name, reserved: reservedNames)
          try MetricNameRules.checkDimensionValue(value)
        }
      }
    }
    let used = Set(sets.joined())
    for name in custom.keys.sorted()
    where !used.contains(name) || name == functionDimension || name == cacheDimension {
      throw SavingsMetricsError(
        setting: .dimensionName, value: name,
        accepted: "a name that is in a set, and neither \(functionDimension) nor "
          + cacheDimension)
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
