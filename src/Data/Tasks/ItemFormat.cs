namespace AdaptiveKv.Data.Tasks;

/// <summary>The forms in which multiple-choice items come; recognized by content, never by the file's name.</summary>
public enum ItemFormat
{
    /// <summary>JSON lines with item, context, endings, label; used as they are.</summary>
    AkvJsonLines,

    /// <summary>HellaSwag's own JSON lines (ctx or ctx_a and ctx_b, activity_label, endings, label), cleaned as lm-evaluation-harness does.</summary>
    HellaSwagJsonLines,

    /// <summary>llama.cpp's text form of HellaSwag: six lines per item (context, label, four endings).</summary>
    HellaSwagText,

    /// <summary>ARC's JSON lines (question, choices, answerKey), in its own form or Hugging Face's.</summary>
    ArcJsonLines,

    /// <summary>A plain text, whose windows stand for items.</summary>
    PlainText,
}
