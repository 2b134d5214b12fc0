import LambdaCache

extension Kind {
  static var types: [Kind] {
    [
      Kind("struct, 10 numbers", .types) { Reading(station: $0, time: Double($0)) },
      Kind("struct, 10 fields", .types) { Account(seed: $0) },
      Kind("struct in struct in optional", .types) { seed in
        Order(
          number: seed, customer: seed % 4 == 0 ? nil : Account(seed: seed),
          lines: (0..<(seed % 4)).map { Order.Line(article: Sample.text(25, $0), count: $0) })
      },
      Kind("enum with payloads", .types) { Event(seed: $0) },
      Kind("indirect enum, 7 nodes", .types) { seed in
        (0..<6).reduce(Expression.variable(Sample.text(20, seed))) { $0.adding(Double($1)) }
      },
      Kind("Result<String, Error>", .types) { seed -> Result<String, Rejection> in
        seed % 5 == 0
          ? .failure(.because(Sample.text(40, seed))) : .success(Sample.text(80, seed))
      },
      Kind("class", .types) { Person(name: Sample.text(24, $0)) },
      Kind("class graph, 5 objects, a circle", .types) { Person.family($0) },
      Kind("existential fields", .types) { Attribute(seed: $0) },
      Kind("generic, tuples and closed ranges", .types) { seed in
        Page(
          items: [(Sample.text(20, seed), 1), ("x", 2)], range: seed...(seed + 1),
          cursor: seed % 2 == 0 ? nil : Sample.text(44, seed))
      },
    ]
  }
}

private struct Reading: HeapSized {
  var station: Int
  var time: Double
  var temperature = 21.5
  var humidity: Float = 0.5
  var pressure: Float? = 1_013
  var battery: UInt8 = 99
  var isValid = true
  var level: Level = .low
  var position: (Double, Double) = (48.2, 16.4)
  var error: Int16 = 0

  enum Level: String { case low, high }
}

/// Ten stored properties, seven of which may own memory: the struct that the time is judged by.
struct Account: HeapSized {
  var identifier: Int
  var name: String
  var email: String
  var nickname: String?
  var age: Int
  var tags: [String]
  var scores: [Double]
  var address: Address
  var settings: [String: Int]
  var isActive: Bool

  struct Address {
    var street: String
    var city: String
    var zip: Int
  }

  init(seed: Int) {
    identifier = seed
    name = Sample.text(18, seed)
    email = Sample.text(28, seed)
    nickname = seed % 2 == 0 ? nil : Sample.text(17, seed)
    age = seed % 90
    tags = ["new", Sample.text(22, seed)]
    scores = [1, 2, 3]
    address = Address(street: Sample.text(26, seed), city: "Wien", zip: 1010)
    settings = ["theme": 1, "language": 2]
    isActive = seed % 3 == 0
  }
}

private struct Order: HeapSized {
  var number: Int
  var customer: Account?
  var lines: [Line]

  struct Line {
    var article: String
    var count: Int
    var price: Double = 9.99
  }
}

private enum Event: HeapSized {
  case opened
  case moved(x: Double, y: Double)
  case typed(String)
  case sent(to: [String], subject: String?)
  case failed(Rejection)

  init(seed: Int) {
    self =
      switch seed % 5 {
      case 0: .opened
      case 1: .moved(x: 1, y: 2)
      case 2: .typed(Sample.text(60, seed))
      case 3: .sent(to: [Sample.text(20, seed), "x"], subject: Sample.text(40, seed))
      default: .failed(.because(Sample.text(35, seed)))
      }
  }
}

private enum Rejection: Error, HeapSized {
  case busy
  case because(String)
}

private indirect enum Expression: HeapSized {
  case number(Double)
  case variable(String)
  case sum(Expression, Expression)

  func adding(_ value: Double) -> Expression { .sum(self, .number(value)) }
}

private final class Person: HeapSized {
  let name: String
  var partner: Person?
  var children: [Person] = []
  weak var parent: Person?

  init(name: String) { self.name = name }

  /// Two partners that refer to each other, and three children that both have.
  ///
  /// They stay allocated for good, which is what they are wanted for.
  static func family(_ seed: Int) -> Person {
    let first = Person(name: Sample.text(20, seed))
    let second = Person(name: Sample.text(30, seed))
    first.partner = second
    second.partner = first
    first.children = (0..<3).map { Person(name: Sample.text(16 + $0, seed)) }
    second.children = first.children
    return first
  }
}

private struct Attribute: HeapSized {
  var key: String
  var value: Any
  var error: (any Error)?

  init(seed: Int) {
    key = Sample.text(18, seed)
    value =
      switch seed % 3 {
      case 0: seed
      case 1: Sample.text(50, seed)
      default: Account(seed: seed)
      }
    error = seed % 2 == 0 ? nil : Rejection.because(Sample.text(33, seed))
  }
}

private struct Page<Item>: HeapSized {
  var items: [Item]
  var range: ClosedRange<Int>
  var cursor: String?
}
