using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Unit.Data.Tasks;

/// <summary>Expected texts follow from lm-evaluation-harness's rules, worked by hand.</summary>
public sealed class HellaSwagTests
{
    [Theory]
    [InlineData("  plain  ", "plain")]
    [InlineData("How to knit [title] Buy yarn. [step] Take two", "How to knit. Buy yarn. Take two")]
    [InlineData("[header] How to [substeps] rest", " How to rest")]
    [InlineData("a    b", "a  b")]
    [InlineData("keep ] this [ as is", "keep ] this [ as is")]
    public void Markup_is_removed(string text, string expected) => Assert.Equal(expected, HellaSwag.Clean(text));

    [Fact]
    public void Title_and_context_are_joined_and_the_second_part_capitalized()
    {
        MultipleChoiceItem item = Parse(
            """{"ind": 24, "activity_label": "Roof shingle removal", "ctx_a": "A man is sitting on a roof.", "ctx_b": "he SEES", "ctx": "unused", "endings": ["is using wrap.", "starts [step] pulling."], "label": "1"}""");

        Assert.Equal("24", item.Id);
        Assert.Equal("Roof shingle removal: A man is sitting on a roof. He sees", item.Context);
        Assert.Equal(["is using wrap.", "starts pulling."], item.Endings);
        Assert.Equal(1, item.Label);
    }

    [Fact]
    public void An_empty_second_part_leaves_no_blank() =>
        Assert.Equal("Knitting: Take yarn.", Parse("""{"activity_label": "Knitting", "ctx_a": "Take yarn.", "ctx_b": "", "endings": ["a", "b"], "label": 0}""").Context);

    [Fact]
    public void An_empty_activity_leaves_its_colon() =>
        Assert.Equal(": Take yarn. Knit", Parse("""{"activity_label": "", "ctx_a": "Take yarn.", "ctx_b": "knit", "endings": ["a", "b"], "label": 0}""").Context);

    [Fact]
    public void Rows_as_hugging_face_exports_them_are_read()
    {
        MultipleChoiceItem item = Parse(
            """{"ind":4,"activity_label":"Drinking","ctx_a":"A boy","ctx_b":"","ctx":"A boy","endings":["runs","sits","eats","sleeps"],"source_id":"a~v","split":"val","split_type":"indomain","label":"3"}""");

        Assert.Equal(("4", "Drinking: A boy", 3), (item.Id, item.Context, item.Label));
    }

    [Fact]
    public void Without_parts_the_whole_context_is_used() =>
        Assert.Equal("A man sits. he", Parse("""{"ctx": "A man sits. he", "endings": ["a", "b"], "label": 0}""").Context);

    [Fact]
    public void Without_an_index_the_number_of_the_item_names_it() =>
        Assert.Equal("5", Parse("""{"ctx": "A man sits. he", "endings": ["a", "b"], "label": 0}""").Id);

    private static MultipleChoiceItem Parse(string json) => HellaSwag.FromJson(JsonRow.Parse(new TextLine("f", 1, json)), 5);
}
