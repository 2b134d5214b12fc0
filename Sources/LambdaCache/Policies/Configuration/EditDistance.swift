/// How many mistakes of a typist lie between two names.
enum EditDistance {
  /// The fewest characters that have to be left out, put in, replaced, or exchanged with their
  /// neighbour, each only once, to make one name the other (the optimal string alignment distance,
  /// after Damerau 1964).
  ///
  /// - Complexity: O(*n* · *m*) in the lengths of the names.
  static func between(_ first: some Collection<UInt8>, _ second: some Collection<UInt8>) -> Int {
    let (first, second) = (Array(first), Array(second))
    var beforePrevious: [Int] = []
    var previous = Array(0...second.count)
    for row in 0..<first.count {
      var current = [row + 1]
      for column in 0..<second.count {
        let isSame = first[row] == second[column]
        var best = min(
          previous[column] + (isSame ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, first[row] == second[column - 1],
          first[row - 1] == second[column]
        {
          best = min(best, beforePrevious[column - 1] + 1)
        }
        current.append(best)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[second.count]
  }
}
