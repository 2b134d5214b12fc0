/// Lines of each kind of log, written for these tests.
enum Samples {
  static let cache = """
    {"t":1700000000000,"c":"users","k":"00000000000000a1","b":1040,"h":0,"l":12.5,"e":"env-1"}
    {"t":1700000000100,"c":"users","k":"00000000000000a1","b":1040,"h":1,"e":"env-1"}
    {"t":1700000000200,"c":"users","k":"FFFFFFFFFFFFFFFF","b":48,"h":0,"l":7,"e":"env-2"}
    """

  /// A function's log as CloudWatch has it.
  static let stream = """
    INIT_START Runtime Version: provided:al2023.v100
    START RequestId: 8fc6f963-411b Version: $LATEST
    something of the function's own
    2023-11-14T22:13:20 {"t":1700000000000,"c":"users","k":"00000000000000a1","h":0,"r":0.01,"e":"1"}
    {"t":1700000000100,"c":"users","k":"00000000000000a1","b":64,"h":0,"r":0.01,"e":"1"}
    {"t":1700000000150,"c":"users","k":"00000000000000a1","b":64,"h":1,"r":0.01,"e":"1"}
    {"t":1700000000160,"c":"users","dropped":7,"r":0.01,"e":"1"}
    END RequestId: 8fc6f963-411b
    REPORT RequestId: 8fc6f963-411b\tDuration: 20.50 ms\tBilled Duration: 21 ms\t\
    Memory Size: 512 MB\tMax Memory Used: 81 MB
    """

  static let json = """
    {"requestId":"a","requestTimeEpoch":1700000000000,"path":"/users/1","responseLength":"120"}
    {"requestId":"b","requestTimeEpoch":1700000000500,"path":"/users/2","responseLength":"90"}
    {"requestId":"c","requestTimeEpoch":1700000001000,"path":"/users/1","responseLength":"120"}
    """

  static let nested = """
    {"time":"2023-11-14T22:13:20.000Z","record":{"user":{"name":"ada"},"parts":[1,{"n":7}],"ms":3}}
    {"time":"2023-11-14T22:13:21.250Z","record":{"user":{"name":"b\\"o"},"parts":[1,{"n":7}],"ms":4}}
    {"time":"2023-11-14T22:13:22Z","record":{"user":{"name":"ada"},"parts":[1,{"n":7}],"ms":5}}
    """

  static let csv = """
    @timestamp,path,bytes,note
    2023-11-14 22:13:20.000,/a,100,"one, two"
    2023-11-14 22:13:21.000,"/b,c",200,"he said ""hi"" twice"
    2023-11-14 22:13:22.000,/a,100,
    """

  static let tsv = "time\tkey\tsize\n1700000000\tada\t10\n1700000001\tbo\t20\n1700000002\tada\t10\n"

  static let common = """
    10.0.0.1 - ada [14/Nov/2023:22:13:20 +0000] "GET /a?x=1 HTTP/1.1" 200 2326
    10.0.0.2 - - [14/Nov/2023:23:13:21 +0100] "GET /b HTTP/1.0" 200 - "http://x/" "Agent \\"7\\""
    10.0.0.1 - - [14/Nov/2023:22:13:22 +0000] "GET /a?x=1 HTTP/2.0" 304 0
    """

  static let loadBalancer = """
    https 2023-11-14T22:13:20.123456Z app/one/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 \
    0.025 0.000 200 200 34 366 "GET https://example.com:443/a?x=1 HTTP/1.1" "curl/7.46.0" \
    ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:target "Root=1-58337262" \
    "example.com" "-" 0 2023-11-14T22:13:20.098000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"
    http 2023-11-14T22:13:21.123456Z app/one/50dc6c495c0c9188 192.168.131.39:2817 - -1 -1 -1 503 - 34 \
    0 "GET http://example.com:80/b HTTP/1.1" "curl" - - - "Root=1" "-" "-" 0 \
    2023-11-14T22:13:21.098000Z "forward" "-" "-" "-" "-" "-" "-"
    """

  static let cloudFront =
    "#Version: 1.0\n"
    + "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
    + "cs(Referer) cs(User-Agent) cs-uri-query time-taken\n"
    + "2023-11-14\t22:13:20\tFRA2\t500\t192.0.2.1\tGET\td1.cloudfront.net\t/a\t200\t-\tx\tq=1\t0.010\n"
    + "2023-11-14\t22:13:21\tFRA2\t600\t192.0.2.1\tGET\td1.cloudfront.net\t/a\t200\t-\tx\tq=2\t0.030\n"
    + "2023-11-14\t22:13:22\tFRA2\t500\t192.0.2.1\tGET\td1.cloudfront.net\t/a\t200\t-\tx\tq=1\t0.020\n"

  static let reports = """
    START RequestId: 8fc6f963-411b Version: $LATEST
    something of the function's own
    END RequestId: 8fc6f963-411b
    REPORT RequestId: 8fc6f963-411b\tDuration: 20.50 ms\tBilled Duration: 501 ms\t\
    Memory Size: 512 MB\tMax Memory Used: 81 MB\tInit Duration: 480.25 ms
    2023-11-14T22:13:20.000Z REPORT RequestId: b Duration: 10.50 ms Billed Duration: 11 ms \
    Memory Size: 512 MB Max Memory Used: 90 MB
    {"time":"2023-11-14T22:13:20.000Z","type":"platform.report","record":{"requestId":"c",\
    "metrics":{"durationMs":5.0,"billedDurationMs":5,"memorySizeMB":512,"maxMemoryUsedMB":92}}}
    """

  static let all: [(String, String)] = [
    ("cache", cache + "\n" + stream), ("json", json), ("csv", csv), ("tsv", tsv),
    ("common", common),
    ("alb", loadBalancer), ("cloudfront", cloudFront), ("report", reports),
  ]
}
