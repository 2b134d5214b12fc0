/// The users there are: how many, and what each is called.
struct UserDirectory: Equatable {
  /// The number of users.
  let count: Int

  /// The most users there can be: a request stream stores a user in 32 bits.
  static let maximumCount = Int(UInt32.max)

  init(count: Int) {
    precondition(
      count > 0 && count <= Self.maximumCount, "There cannot be a directory of \(count) users")
    self.count = count
  }

  /// The unique user name of a user.
  ///
  /// - Parameter user: The user's number, from 0 up to, not including, `count`.
  func name(of user: Int) -> String {
    precondition(user >= 0 && user < count, "There is no user \(user) among \(count)")
    let given = Self.givenNames[user % Self.givenNames.count]
    let rest = user / Self.givenNames.count
    let family = Self.familyNames[rest % Self.familyNames.count]
    return "\(given).\(family)\(rest / Self.familyNames.count + 1)"
  }

  static let givenNames = [
    "ada", "alan", "amina", "anders", "anna", "barbara", "bjarne", "carlos", "chen", "dennis",
    "edsger", "elena", "emma", "fatima", "felix", "frances", "grace", "hedy", "ibrahim", "ines",
    "ivan", "jana", "john", "josefine", "karen", "katherine", "ken", "lena", "leslie", "lucia",
    "margaret", "maria", "matteo", "mei", "mohammed", "nadia", "niklaus", "noor", "olga", "omar",
    "paolo", "priya", "radia", "ravi", "robin", "sofia", "tim", "tony", "yuki", "zofia",
  ]

  static let familyNames = [
    "adelman", "allen", "almeida", "backus", "bernard", "cerf", "codd", "cook", "diaz", "dijkstra",
    "engelbart", "fischer", "floyd", "garcia", "goldberg", "hamilton", "hansen", "hoare", "hopper",
    "ivanova", "jensen", "johnson", "kay", "keller", "khan", "knuth", "kowalski", "lamarr",
    "lamport", "liskov", "lovelace", "mccarthy", "meyer", "milner", "nakamura", "naur", "nguyen",
    "novak", "okafor", "patel", "perlman", "ritchie", "rossi", "shaw", "silva", "tanaka", "turing",
    "weber", "wirth", "yao",
  ]
}
