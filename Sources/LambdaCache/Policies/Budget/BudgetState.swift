/// The members of a memory budget and the bytes booked for each.
///
/// **B1** The bytes booked, for members and for loads under way, are never more than the budget.
/// **B2** No member's limit is above what is booked for it: bytes are booked before a limit is
/// raised, and booked off after it was lowered.
struct BudgetState {
  struct Member {
    let id: Int
    let name: String
    /// What it asked for when it was made.
    let asked: BudgetRequest
    var request: BudgetRequest
    weak var member: (any BudgetMember)?
    var isAttached = false
    /// The bytes booked for the member itself.
    var granted = 0
    /// The bytes booked for its loads under way.
    var reserved = 0
    /// The bytes below which no other member's request pushes its entries.
    var floor = 0
    /// The most bytes that it is ever granted.
    var ceiling = 0
    /// The bytes that it should have if no member used any.
    var fairShare = 0
    /// Whether its part of all requests was at least its part of the budget at the last sample.
    var hasItsPartOfRequests = false
    var recency = RecencyEstimate()
  }

  /// A member that can be called.
  struct Reachable {
    let id: Int
    let member: any BudgetMember
  }

  var members: [Member] = []
  private var nextID = 0

  /// Whether a thread is rebalancing the budget.
  private var isRebalancing = false

  /// Whether something has changed since it was last rebalanced.
  private var hasChanged = false

  /// The touches of all members until the last sample: the time that their ages are counted in.
  var touches = 0.0

  /// The bytes that may be booked: the budget, or less while memory is short.
  var ceiling: Int

  /// The bytes that loads about to start are collecting and have not booked yet.
  var wantedByteCount = 0

  /// The number of times that loads have given back bytes they had or wanted.
  var releaseCount = 0

  /// Whether it was said what the environment asks for and does not get.
  var hasReported = false

  /// Loads that wait for others to end before they reserve.
  var queue = BudgetQueue()

  /// The whole budget.
  let byteLimit: Int

  init(byteLimit: Int) {
    self.byteLimit = byteLimit
    ceiling = byteLimit
  }

  // Members are read in their places here: a copy of one costs more than all there is to do,
  // because of the weak reference in it.

  /// The bytes booked.
  var assignedByteCount: Int {
    var sum = 0
    for index in members.indices { sum += members[index].granted + members[index].reserved }
    return sum
  }

  /// The bytes booked for loads under way.
  var reservedByteCount: Int {
    var sum = 0
    for index in members.indices { sum += members[index].reserved }
    return sum
  }

  /// The bytes that loads have, or are about to have.
  var claimedByteCount: Int { reservedByteCount + wantedByteCount }

  /// The bytes that are not booked and may be.
  var freeByteCount: Int { max(0, ceiling - assignedByteCount) }

  func index(of id: Int) -> Int? {
    for index in members.indices where members[index].id == id { return index }
    return nil
  }

  mutating func insert(name: String, request: BudgetRequest) -> Int {
    defer { nextID += 1 }
    members.append(Member(id: nextID, name: name, asked: request, request: request))
    return nextID
  }

  /// Every member that is attached and not being destroyed, in the order of their numbers.
  var reachable: [Reachable] {
    members.compactMap { entry in
      entry.member.map { Reachable(id: entry.id, member: $0) }
    }
  }

  /// The first member with a higher number than a given one that can be called; `nil` if there is
  /// none.
  func reachable(behind id: Int) -> Reachable? {
    for index in members.indices where members[index].id > id {
      if let member = members[index].member {
        return Reachable(id: members[index].id, member: member)
      }
    }
    return nil
  }

  // MARK: Booking

  /// Books free bytes for a member, within its maximum.
  ///
  /// - Returns: The bytes booked.
  mutating func book(_ byteCount: Int, for id: Int) -> Int {
    guard let index = index(of: id), members[index].isAttached else { return 0 }
    let headroom = max(0, members[index].ceiling - members[index].granted)
    let booked = max(0, min(byteCount, freeByteCount, headroom))
    members[index].granted += booked
    return booked
  }

  /// Books bytes off that a member's limit no longer has.
  mutating func bookOff(_ byteCount: Int, of id: Int) {
    guard let index = index(of: id) else { return }
    precondition(byteCount <= members[index].granted, "a cache gave back more than it was granted")
    members[index].granted -= byteCount
  }

  /// The bytes that a member has above its floor.
  func bytesAboveFloor(of id: Int) -> Int {
    index(of: id).map { max(0, members[$0].granted - members[$0].floor) } ?? 0
  }

  /// The bytes that a member may be granted beyond those it has.
  func headroom(of id: Int) -> Int {
    index(of: id).map { max(0, members[$0].ceiling - members[$0].granted) } ?? 0
  }

  /// The bytes that a member lacks of its floor, and of its share if it has that part of all
  /// requests.
  func claims(of id: Int) -> (toFloor: Int, toShare: Int) {
    guard let index = index(of: id) else { return (0, 0) }
    let member = members[index]
    return (
      max(0, member.floor - member.granted), max(0, guaranteed(to: member) - member.granted)
    )
  }

  /// The bytes of a member that other members' requests may take: those above its floor, and above
  /// its share if it has that part of all requests.
  func bytesAboveShare(of id: Int) -> Int {
    index(of: id).map { max(0, members[$0].granted - guaranteed(to: members[$0])) } ?? 0
  }

  /// Shares are parts of the bytes that may be booked; their sum is never more.
  private func guaranteed(to member: Member) -> Int {
    guard member.hasItsPartOfRequests, byteLimit > 0 else { return member.floor }
    let part = Double(min(ceiling, byteLimit)) / Double(byteLimit)
    return max(member.floor, Int(Double(member.fairShare) * part))
  }

  /// Notes which members have at least their part of all requests.
  mutating func noteRequests() {
    let requests = members.reduce(0) { $0 + $1.recency.requests }
    let shares = members.reduce(0) { $0 + Double($1.fairShare) }
    for index in members.indices {
      let member = members[index]
      members[index].hasItsPartOfRequests =
        member.recency.requests > 0
        && member.recency.requests * shares >= Double(member.fairShare) * requests
    }
  }

  // MARK: Rebalancing

  /// Notes a change.
  ///
  /// - Returns: Whether the caller has to rebalance: no other thread does.
  mutating func noteChange() -> Bool {
    hasChanged = true
    if isRebalancing { return false }
    isRebalancing = true
    return true
  }

  /// The bytes that every attached member should have if no member used any; `nil`, and the end of
  /// rebalancing, if nothing has changed.
  mutating func nextPlan(terms: MemoryTerms) -> [(id: Int, fairShare: Int)]? {
    guard hasChanged else {
      isRebalancing = false
      return nil
    }
    hasChanged = false
    let attached = members.indices.filter { members[$0].isAttached }
    let memory = terms.limit.byteCount
    let floors = BudgetPlan.proportionally(
      attached.map { min(members[$0].request.minimumByteCount, terms.byteLimit) },
      of: terms.byteLimit)
    for (place, index) in attached.enumerated() {
      members[index].floor = floors[place]
      members[index].ceiling = members[index].request.ceiling(ofMemory: memory)
    }
    let shares = fairShares(terms: terms)
    for (place, index) in attached.enumerated() {
      members[index].fairShare = shares[place].fairShare
    }
    return shares
  }

  /// The bytes that every attached member should have if no member used any.
  func fairShares(terms: MemoryTerms) -> [(id: Int, fairShare: Int)] {
    let attached = members.filter(\.isAttached)
    let shares = BudgetPlan.limits(
      byteLimit: terms.byteLimit, memory: terms.limit.byteCount,
      requests: attached.map(\.request))
    return zip(attached, shares).map { ($0.id, $1) }
  }
}
