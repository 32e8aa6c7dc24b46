namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>What tokenizer.json's post-processor puts around a text.</summary>
internal static class FolderTemplate
{
    /// <summary>Id of the token every text starts with, by the post-processor's template; -1 where there is none.</summary>
    /// <param name="root">tokenizer.json.</param>
    /// <param name="tokens">Tokens by id.</param>
    public static int FirstToken(JsonFields root, string[] tokens)
    {
        if (root.OptionalObject("post_processor") is not JsonFields processor)
        {
            return -1;
        }

        List<JsonFields> steps = processor.OptionalText("type") == "Sequence" ? [.. processor.Objects("processors")] : [processor];
        steps.RemoveAll(step => step.OptionalText("type") == "ByteLevel");
        if (steps.Count == 0)
        {
            return -1;
        }

        List<JsonFields> parts = [.. steps[0].Objects("single")];
        Require(steps.Count == 1 && steps[0].OptionalText("type") == "TemplateProcessing", "only ByteLevel and TemplateProcessing are supported");
        bool text = parts.Count is 1 or 2 && parts[^1].OptionalObject("Sequence") is not null;
        string? first = text && parts.Count == 2 ? parts[0].OptionalObject("SpecialToken")?.OptionalText("id") : null;
        Require(text && (first is not null || parts.Count == 1), "only a begin-of-text token before the text is supported");
        return first is null ? -1 : IdOf(first);

        // The template has ids of its own for the names it uses.
        int IdOf(string name)
        {
            JsonFields? own = steps[0].OptionalObject("special_tokens")?.OptionalObject(name);
            int[] ids = own is null ? [Array.IndexOf(tokens, name)] : [.. own.Elements("ids").Select(id => id.TryGetInt32(out int number) ? number : -1)];
            Require(ids is [int only] && only >= 0 && only < tokens.Length, $"\"{name}\" is no token of the vocabulary");
            return ids[0];
        }

        void Require(bool holds, string problem)
        {
            if (!holds)
            {
                throw root.Error("post_processor", problem);
            }
        }
    }
}
