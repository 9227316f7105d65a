"""The words of messages, in the two languages of their readers. Pure."""

from typing import Final, Literal

import msgspec


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """One language's. What a table lacks is shown as it is named in the events."""

    news: dict[str, str]
    severities: dict[str, str]
    levels: dict[str, str]
    """With {place}, {meeting} and {participant}."""
    metrics: dict[str, str]
    modalities: dict[str, str]
    directions: dict[str, str]
    causes: dict[str, str]
    endings: dict[str, str]
    headline: str
    flow: str
    no_data: str
    above: str
    below: str
    by_service: str
    out_of: str
    lasting: str
    people: str
    several: str
    since: str
    over: str
    clears_below: str
    clears_above: str
    more: str
    digest: str
    seconds: str
    minutes: str
    hours: str
    comma: str
    test: str


ENGLISH: Final = Words(
    news={"firing": "firing", "worse": "got worse", "updated": "changed", "resolved": "over", "test": "test"},
    severities={"info": "info", "warning": "warning", "critical": "critical"},
    levels={
        "participant": "participant {participant} in meeting {meeting}",
        "meeting": "meeting {meeting}",
        "site": "site {place}",
        "network": "network {place}",
        "department": "department {place}",
        "terminal_type": "terminals {place}",
        "enterprise": "enterprise {place}",
        "meeting_silent": "no data from meeting {meeting}",
        "all_silent": "no data from any meeting",
        "watchdog": "watchdog: alerts get through as long as this stands",
        "test": "a test of this channel",
        "pipeline": "no sign of life of the receivers",
    },
    metrics={
        "packet_loss_ratio": "packet loss",
        "jitter_ms": "jitter",
        "latency_ms": "latency",
        "bitrate_bps": "bitrate",
        "frame_rate_fps": "frame rate",
        "round_trip_ms": "round trip",
        "client_cpu_ratio": "client CPU",
        "system_cpu_ratio": "system CPU",
        "alarm": "the service's alarm",
        "rating": "the service's rating",
    },
    modalities={"audio": "audio", "video": "video", "screen": "screen", "client": "client"},
    directions={"sent": "sent", "received": "received"},
    causes={"uplink": "only what they send", "downlink": "only what they receive"},
    endings={
        "good": "the figures are good again",
        "gone": "nobody is left there",
        "lost": "nobody knows any more: the rules are others",
    },
    headline="{title} [{severity}] {news}: {where}",
    flow="{modality} {direction}",
    no_data="no data",
    above="above {limit}",
    below="below {limit}",
    by_service=" (the service's threshold)",
    out_of="{bad} of {of} samples",
    lasting="for {span}",
    people="{people} of {measured} people",
    several="in {meetings} meetings",
    since="since {at}",
    over="over at {at}, after {span}",
    clears_below="ends once {what} is {limit} or less for {span}",
    clears_above="ends once {what} is {limit} or more for {span}",
    more="and {count} more",
    digest="{title}: {count} messages",
    seconds="{n} s",
    minutes="{n} min",
    hours="{n} h",
    comma=", ",
    test="This is a test. Nothing is wrong.",
)

CHINESE: Final = Words(
    news={"firing": "触发", "worse": "加重", "updated": "有变化", "resolved": "已解除", "test": "测试"},
    severities={"info": "提示", "warning": "警告", "critical": "严重"},
    levels={
        "participant": "会议 {meeting} 的与会者 {participant}",
        "meeting": "会议 {meeting}",
        "site": "地点 {place}",
        "network": "网络 {place}",
        "department": "部门 {place}",
        "terminal_type": "终端类型 {place}",
        "enterprise": "企业 {place}",
        "meeting_silent": "会议 {meeting} 没有质量数据",
        "all_silent": "所有会议都没有质量数据",
        "watchdog": "看门狗：它还在，说明告警通道是通的",
        "test": "渠道测试",
        "pipeline": "接收器没有生命迹象",
    },
    metrics={
        "packet_loss_ratio": "丢包率",
        "jitter_ms": "抖动",
        "latency_ms": "时延",
        "bitrate_bps": "码率",
        "frame_rate_fps": "帧率",
        "round_trip_ms": "往返时延",
        "client_cpu_ratio": "客户端 CPU",
        "system_cpu_ratio": "系统 CPU",
        "alarm": "服务自身的告警",
        "rating": "服务的评级",
    },
    modalities={"audio": "音频", "video": "视频", "screen": "屏幕共享", "client": "客户端"},
    directions={"sent": "发送", "received": "接收"},
    causes={"uplink": "只有发送方向（上行）", "downlink": "只有接收方向（下行）"},
    endings={"good": "指标已恢复", "gone": "那里已无人", "lost": "已无从得知：规则变了"},
    headline="{title}【{severity}】{news}：{where}",
    flow="{modality}{direction}",
    no_data="没有数据",
    above="超过 {limit}",
    below="低于 {limit}",
    by_service="（服务给出的阈值）",
    out_of="{of} 次采样中 {bad} 次",
    lasting="持续 {span}",
    people="{measured} 人中 {people} 人",
    several="涉及 {meetings} 个会议",
    since="自 {at}",
    over="{at} 解除，历时 {span}",
    clears_below="解除条件：{what}不超过 {limit}，持续 {span}",
    clears_above="解除条件：{what}不低于 {limit}，持续 {span}",
    more="另有 {count} 项",
    digest="{title}：{count} 条消息",
    seconds="{n} 秒",
    minutes="{n} 分钟",
    hours="{n} 小时",
    comma="，",
    test="这是一条测试消息，一切正常。",
)

WORDS: Final[dict[Literal["zh", "en"], Words]] = {"en": ENGLISH, "zh": CHINESE}
