import LambdaCache
import Testing

@testable import LambdaCacheHTTP

/// A row of the table: requests to a site, one after the other, and what must come of them.
struct Scenario: Sendable, CustomTestStringConvertible {
  let section: String
  let title: String
  let policy: HTTPCachePolicy
  let steps: [Step]

  init(_ section: String, _ title: String, _ steps: [Step]) {
    self.init(section, title, .shared, steps)
  }

  init(_ section: String, _ title: String, _ policy: HTTPCachePolicy, _ steps: [Step]) {
    self.section = section
    self.title = title
    self.policy = policy
    self.steps = steps
  }

  var testDescription: String { "\(section) \(title)" }

  /// A response, and whether a later request for it is served from the cache.
  static func reuse(
    _ section: String, _ title: String, first: HTTPHeaderFields = [:], _ answer: Step.Answer,
    after: Duration = .seconds(1), then: HTTPHeaderFields = [:],
    _ expectations: Step.Expectation...
  ) -> Scenario {
    Scenario(section, title, reuse(first, answer, after, then, expectations))
  }

  /// A response, and whether a later request for it is served from a cache with a certain policy.
  static func reuse(
    _ section: String, _ title: String, _ policy: HTTPCachePolicy, first: HTTPHeaderFields = [:],
    _ answer: Step.Answer, after: Duration = .seconds(1), then: HTTPHeaderFields = [:],
    _ expectations: Step.Expectation...
  ) -> Scenario {
    Scenario(section, title, policy, reuse(first, answer, after, then, expectations))
  }

  private static func reuse(
    _ first: HTTPHeaderFields, _ answer: Step.Answer, _ after: Duration, _ then: HTTPHeaderFields,
    _ expectations: [Step.Expectation]
  ) -> [Step] {
    [
      Step(.get("/", first), answer, [.asked]),
      Step(.get("/", then), after: after, .ok("max-age=60", body: "two"), expectations),
    ]
  }
}

extension HTTPCachePolicy {
  /// A cache that keeps the responses of each `X-User` apart.
  static var personal: HTTPCachePolicy { .private { $0.fields["x-user"] } }

  /// The same policy with a change.
  func with(_ change: (inout HTTPCachePolicy) -> Void) -> HTTPCachePolicy {
    var policy = self
    change(&policy)
    return policy
  }
}

/// A request, what the handler would answer, and what must come of it.
struct Step: Sendable {
  /// The handler's answer.
  enum Answer: Sendable {
    case response(Int, HTTPHeaderFields, String?)
    case failure
  }

  /// The expected outcome of a request.
  enum Expectation: Sendable {
    /// The handler was not asked.
    case served
    /// The handler was asked, once.
    case asked
    /// The handler was asked so many times.
    case askedTimes(Int)
    /// The handler was asked with this field, or, if it is `nil`, without.
    case askedWith(String, String?)
    case askedBy(method: String)
    case status(Int)
    case body(String?)
    /// The response has this field, or, if it is `nil`, has not.
    case field(String, String?)
    case fails
  }

  let request: HTTPRequestParts
  let after: Duration
  let answer: Answer
  let expectations: [Expectation]

  var mayFail: Bool {
    expectations.contains { if case .fails = $0 { true } else { false } }
  }

  init(_ request: HTTPRequestParts, after: Duration = .zero, _ expectations: [Expectation]) {
    self.init(request, after: after, .ok("max-age=60"), expectations)
  }

  init(
    _ request: HTTPRequestParts, after: Duration = .zero, _ answer: Answer,
    _ expectations: [Expectation]
  ) {
    self.request = request
    self.after = after
    self.answer = answer
    self.expectations = expectations
  }
}

extension Step.Answer {
  /// A response with status 200 and a body that tells the answers apart.
  static func ok(
    _ cacheControl: String?, _ fields: HTTPHeaderFields = [:], body: String? = "one"
  ) -> Step.Answer {
    .with(200, cacheControl, fields, body: body)
  }

  static func with(
    _ status: Int, _ cacheControl: String?, _ fields: HTTPHeaderFields = [:],
    body: String? = "one"
  ) -> Step.Answer {
    var fields = fields
    if let cacheControl { fields.append(name: "Cache-Control", value: cacheControl) }
    return .response(status, fields, body)
  }
}

extension Scenario {
  /// Plays the requests on a site of its own.
  func run() async throws {
    let answers = Answers()
    let site = Site(policy) { _ in try answers.next() }
    for (number, step) in steps.enumerated() {
      site.clock.advance(by: step.after)
      answers.set(step.answer)
      let before = site.asked.count
      let context = Comment(rawValue: "\(testDescription), request \(number + 1)")
      var response: HTTPResponseParts?
      do {
        response = try await site.respond(to: step.request)
      } catch {
        #expect(error is OriginError, context)
        // Without a response there is no field and no body either.
        #expect(step.mayFail, context)
      }
      for expectation in step.expectations {
        check(expectation, response, Array(site.asked[before...]), context)
      }
    }
  }

  private func check(
    _ expectation: Step.Expectation, _ response: HTTPResponseParts?, _ asked: [HTTPRequestParts],
    _ context: Comment
  ) {
    switch expectation {
    case .served: #expect(asked.isEmpty, context)
    case .asked: #expect(asked.count == 1, context)
    case .askedTimes(let count): #expect(asked.count == count, context)
    case .askedWith(let name, let value):
      #expect(asked.count >= 1, context)
      #expect(asked.first?.fields[name] == value, context)
    case .askedBy(let method): #expect(asked.first?.method == method, context)
    case .status(let status): #expect(response?.status == status, context)
    case .body(let body): #expect(response?.body == body, context)
    case .field(let name, let value): #expect(response?.fields[name] == value, context)
    case .fails: #expect(response == nil, context)
    }
  }
}

/// The handler's next answers.
private final class Answers: Sendable {
  private let current = LockedValue<Step.Answer>(.failure)

  func set(_ answer: Step.Answer) { current.set(answer) }

  func next() throws -> HTTPResponseParts {
    switch current.get() {
    case .failure: throw OriginError()
    case .response(let status, let fields, let body):
      return HTTPResponseParts(status: status, fields: fields, body: body)
    }
  }
}
