/// The memory of the function: what its budget and its price are made from.
struct FunctionMemory: Equatable {
  /// The environment variable Lambda gives it in.
  static let variable = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"

  /// The sizes Lambda offers, in units of 1,048,576 bytes.
  static let accepted = 128...10_240

  /// The memory, in units of 1,048,576 bytes.
  let megabytes: Int

  /// Where it was taken from, in words.
  let origin: String

  /// Takes the memory from the option, else from the environment, else the smallest one.
  ///
  /// - Throws: `FunctionMemoryError` when it is not a size Lambda offers.
  init(option: Int?, environment: [String: String]) throws {
    if let option {
      guard Self.accepted.contains(option) else {
        throw FunctionMemoryError(source: "--memory", value: String(option))
      }
      megabytes = option
      origin = "--memory"
    } else if let value = environment[Self.variable] {
      guard let number = Int(value), Self.accepted.contains(number) else {
        throw FunctionMemoryError(source: Self.variable, value: value)
      }
      megabytes = number
      origin = Self.variable
    } else {
      megabytes = Self.accepted.lowerBound
      origin = "the smallest setting, because \(Self.variable) is not set"
    }
  }
}

/// A memory that Lambda does not offer.
struct FunctionMemoryError: Error, Equatable {
  /// The option or the variable.
  var source: String
  /// The value of the variable.
  var value: String
}

extension FunctionMemoryError: CustomStringConvertible {
  var description: String {
    """
    \(source) is "\(value)"; accepted is a whole number of megabytes from \
    \(FunctionMemory.accepted.lowerBound) to \(FunctionMemory.accepted.upperBound).
    """
  }
}
