#pragma once
#include <iconv.h>
#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <string.h>

/* libxml2 2.12 made the error that handlers are given const. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *sh_error;
#else
typedef xmlErrorPtr sh_error;
#endif

/* Which limit stopped a parser. */
enum { SH_WITHIN = 0, SH_DEPTH = 1, SH_NODES = 2, SH_ATTRIBUTES = 3 };

/* Counts what the parser builds, and stops it at a limit: with the HUGE option libxml2 has none of its own. */
typedef struct {
  unsigned int max_depth, max_nodes, max_attributes;
  unsigned int depth, nodes, attributes;
  int crossed;
  /* The first error, which the later ones follow from. */
  int code, line;
  char message[160];
} sh_guard;

static inline void sh_cross(xmlParserCtxtPtr parser, sh_guard *guard, int limit) {
  if (guard->crossed == SH_WITHIN) guard->crossed = limit;
  xmlStopParser(parser);
}

static inline void sh_count_node(xmlParserCtxtPtr parser) {
  sh_guard *guard = (sh_guard *)parser->_private;
  if (++guard->nodes > guard->max_nodes) sh_cross(parser, guard, SH_NODES);
}

static inline void sh_count_element(xmlParserCtxtPtr parser, unsigned int attributes) {
  sh_guard *guard = (sh_guard *)parser->_private;
  unsigned int depth = (unsigned int)parser->nodeNr;
  if (depth > guard->depth) guard->depth = depth;
  guard->attributes += attributes;
  if (depth > guard->max_depth) sh_cross(parser, guard, SH_DEPTH);
  if (guard->attributes > guard->max_attributes) sh_cross(parser, guard, SH_ATTRIBUTES);
  sh_count_node(parser);
}

static inline void sh_on_start(void *context, const xmlChar *name, const xmlChar **attributes) {
  unsigned int count = 0;
  if (attributes != NULL)
    while (attributes[2 * count] != NULL) count++;
  xmlSAX2StartElement(context, name, attributes);
  sh_count_element((xmlParserCtxtPtr)context, count);
}

static inline void sh_on_start_ns(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                                  int namespace_count, const xmlChar **namespaces, int attribute_count,
                                  int defaulted_count, const xmlChar **attributes) {
  xmlSAX2StartElementNs(context, name, prefix, uri, namespace_count, namespaces, attribute_count, defaulted_count,
                        attributes);
  sh_count_element((xmlParserCtxtPtr)context, (unsigned int)(attribute_count + namespace_count));
}

/* Text that follows text joins its node, so only the first piece counts. */
static inline void sh_on_text(void *context, const xmlChar *text, int length) {
  xmlParserCtxtPtr parser = (xmlParserCtxtPtr)context;
  xmlNodePtr before = parser->node == NULL ? NULL : parser->node->last;
  int joins = before != NULL && before->type == XML_TEXT_NODE;
  xmlSAX2Characters(context, text, length);
  if (!joins) sh_count_node(parser);
}

static inline void sh_on_cdata(void *context, const xmlChar *text, int length) {
  xmlSAX2CDataBlock(context, text, length);
  sh_count_node((xmlParserCtxtPtr)context);
}

static inline void sh_on_comment(void *context, const xmlChar *text) {
  xmlSAX2Comment(context, text);
  sh_count_node((xmlParserCtxtPtr)context);
}

static inline void sh_on_instruction(void *context, const xmlChar *target, const xmlChar *data) {
  xmlSAX2ProcessingInstruction(context, target, data);
  sh_count_node((xmlParserCtxtPtr)context);
}

static inline void sh_on_parse_error(void *context, sh_error error) {
  sh_guard *guard = (sh_guard *)((xmlParserCtxtPtr)context)->_private;
  if (guard == NULL || guard->code != 0 || error->level < XML_ERR_ERROR) return;
  guard->code = error->code;
  guard->line = error->line;
  if (error->message != NULL) strncpy(guard->message, error->message, sizeof guard->message - 1);
}

static inline void sh_guard_parser(xmlParserCtxtPtr parser, sh_guard *guard) {
  xmlSAXHandlerPtr sax = parser->sax;
  parser->_private = guard;
  parser->linenumbers = 1;
  sax->serror = (xmlStructuredErrorFunc)sh_on_parse_error;
  sax->startElement = sh_on_start;
  sax->startElementNs = sh_on_start_ns;
  sax->characters = sh_on_text;
  sax->cdataBlock = sh_on_cdata;
  sax->ignorableWhitespace = sh_on_text;
  sax->comment = sh_on_comment;
  sax->processingInstruction = sh_on_instruction;
}

/* Bytes that the parser was given and never looked at; after a whole parse there are none. */
static inline const char *sh_message(const sh_guard *guard) { return guard->message; }

static inline long sh_unread(xmlParserCtxtPtr parser) {
  if (parser->input == NULL || parser->input->cur == NULL) return 0;
  return (long)(parser->input->end - parser->input->cur);
}

/* Frees the tree that a parser has built and not given away. */
static inline void sh_free_parser(xmlParserCtxtPtr parser) {
  if (parser->myDoc != NULL) {
    xmlFreeDoc(parser->myDoc);
    parser->myDoc = NULL;
  }
  xmlFreeParserCtxt(parser);
}

/* The last error of one XPath context. */
typedef struct {
  int code;
  int offset;
} sh_xpath_problem;

static inline void sh_on_xpath_error(void *data, sh_error error) {
  sh_xpath_problem *problem = (sh_xpath_problem *)data;
  if (problem->code != 0) return;
  problem->code = error->code;
  problem->offset = error->int1;
}

/* Errors go to `problem`, never to the process-wide handler, which prints. */
static inline void sh_listen(xmlXPathContextPtr context, sh_xpath_problem *problem) {
  context->userData = problem;
  context->error = (xmlStructuredErrorFunc)sh_on_xpath_error;
}

static inline void sh_free_text(xmlChar *text) { xmlFree(text); }

/* Whether a start tag of one name ends an open element of another, by libxml2's own table. It does not answer for two of
   the same name. */
static inline int sh_html_closes(const char *new_name, const char *open_name) {
  xmlNode probe;
  memset(&probe, 0, sizeof probe);
  probe.type = XML_ELEMENT_NODE;
  probe.name = (const xmlChar *)new_name;
  return htmlAutoCloseTag(NULL, (const xmlChar *)open_name, &probe);
}

/* The version that is loaded, as libxml2 writes it: 20914. */
static inline const char *sh_version(void) { return xmlParserVersion; }
