"""What the installer says. It runs before any catalogue is there, so both languages stand here."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["zh-CN", "en"]

WORDS: Final = {
    "ask-root": (
        "请输入运营方纸上的根密钥指纹（16 位）：",
        "The root key's fingerprint, as on the operator's paper (16 signs): ",
    ),
    "checked": ("签名有效，{n} 个文件全部一致", "the signature is right, and so are all {n} files"),
    "installing": ("正在安装 Till {version}，请稍候", "installing Till {version}, please wait"),
    "installed": ("已安装：{launcher}", "installed: {launcher}"),
    "there": ("Till {version} 已安装，程序不变", "Till {version} is installed already: the program stays as it is"),
    "other": (
        "这台机器已装有 Till {version}：请用 till upgrade 升级", "Till {version} is installed here: use till upgrade",
    ),
    "took": ("用时 {seconds} 秒", "took {seconds} s"),
    "no-manifest": ("这里没有安装清单：{names}", "there is no manifest here: {names}"),
    "another-root": (
        "拒绝：这份安装包由另一把根密钥（{names}）签名，与纸上的指纹不符",
        "refused: this was signed for another root key ({names}) than the one on the paper",
    ),
    "not-signed": ("拒绝：签名不符（{names}）", "refused: the signature does not fit ({names})"),
    "bad-manifest": ("拒绝：清单有误：{names}", "refused: the manifest is wrong: {names}"),
    "changed": (
        "拒绝：这些文件缺失、被改动或不在清单里：{names}",
        "refused: these files are missing, were changed, or are not listed: {names}",
    ),
    "not-built": ("程序未能安装：{names}", "the program could not be installed: {names}"),
    "disk": ("磁盘写不进去：{names}", "the disk cannot be written: {names}"),
}  # fmt: skip


def said(code: str, language: Language, **facts: object) -> str:
    """A sentence of the installer."""
    zh, en = WORDS[code]
    return (en if language == "en" else zh).format(**facts)
