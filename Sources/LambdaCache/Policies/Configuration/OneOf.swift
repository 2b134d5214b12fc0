/// A setting that a parameter and an options value may both give.
enum OneOf {
  /// The one value that was given.
  ///
  /// Traps if two were given that differ, because one of them would have no effect.
  static func only<Value: Equatable>(
    _ parameter: Value?, _ option: Value?, _ name: String
  ) -> Value? {
    requireArgument(
      parameter == nil || option == nil || parameter == option,
      "the \(name) of a cache is given twice: \(parameter!) by the parameter, and \(option!) by "
        + "the options")
    return parameter ?? option
  }
}
