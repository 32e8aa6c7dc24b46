namespace AdaptiveKv.Inference.Templates;

/// <summary>Runs a statement.</summary>
internal delegate TemplateFlow TemplateStatement(TemplateScope scope);

/// <summary>What comes after a statement.</summary>
internal enum TemplateFlow
{
    /// <summary>The next one.</summary>
    Next,

    /// <summary>The next element of the loop.</summary>
    Continue,

    /// <summary>The end of the loop.</summary>
    Break,
}
